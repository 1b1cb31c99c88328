// Java 11 or later; nothing to install.
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Callboard {
    static final long TOLERANCE_SECONDS = 300;

    /** headers: by their names in lower case. body: the raw bytes. secret: whsec_... */
    static boolean isGenuine(Map<String, String> headers, byte[] body, String secret, long now)
            throws GeneralSecurityException {
        String[] parts = headers.getOrDefault("x-callboard-signature", "").split(",");
        String timestamp = "";
        for (String part : parts) {
            if (part.startsWith("t=")) timestamp = part.substring("t=".length());
        }

        if (!timestamp.matches("[0-9]{1,15}")) return false;
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;

        // The key is the whole text of the secret, with whsec_.
        byte[] key = secret.getBytes(StandardCharsets.UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String signature = String.format("v1=%064x", new BigInteger(1, mac.doFinal(body)));
        byte[] expected = signature.getBytes(StandardCharsets.UTF_8);
        // While a secret is being rotated there are two v1=.
        boolean matches = false;
        for (String candidate : parts) {
            matches |= MessageDigest.isEqual(expected, candidate.getBytes(StandardCharsets.UTF_8));
        }
        return matches;
    }
}
