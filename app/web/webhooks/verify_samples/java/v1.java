// Java 11 or later; nothing to install.
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Callboard {
    static final long TOLERANCE_SECONDS = 300;

    /** headers: by their names in lower case. body: the raw bytes. secret: whsec_... */
    static boolean isGenuine(Map<String, String> headers, byte[] body, String secret, long now)
            throws GeneralSecurityException {
        String id = headers.getOrDefault("webhook-id", "");
        String timestamp = headers.getOrDefault("webhook-timestamp", "");
        String signatures = headers.getOrDefault("webhook-signature", "");

        if (!timestamp.matches("[0-9]{1,15}")) return false;
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;

        byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String signature = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        byte[] expected = signature.getBytes(StandardCharsets.UTF_8);
        // While a secret is being rotated there are two signatures, separated by a space.
        boolean matches = false;
        for (String candidate : signatures.split(" ")) {
            matches |= MessageDigest.isEqual(expected, candidate.getBytes(StandardCharsets.UTF_8));
        }
        return matches;
    }
}
