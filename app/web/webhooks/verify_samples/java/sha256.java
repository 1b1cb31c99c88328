// Java 11 or later; nothing to install.
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Callboard {
    /**
     * headers: by their names in lower case. body: the raw bytes. secret: whsec_...
     * No time is signed: a copy of a request stays valid.
     */
    static boolean isGenuine(Map<String, String> headers, byte[] body, String secret)
            throws GeneralSecurityException {
        // The key is the whole text of the secret, with whsec_.
        byte[] key = secret.getBytes(StandardCharsets.UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        String expected = String.format("sha256=%064x", new BigInteger(1, mac.doFinal(body)));
        String received = headers.getOrDefault("x-hub-signature-256", "");
        return MessageDigest.isEqual(
            expected.getBytes(StandardCharsets.UTF_8), received.getBytes(StandardCharsets.UTF_8));
    }
}
