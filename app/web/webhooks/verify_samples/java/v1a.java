// Java 15 or later; nothing to install.
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;

final class Callboard {
    static final long TOLERANCE_SECONDS = 300;
    /** The DER prefix of an ed25519 public key of 32 bytes. */
    static final String ED25519_HEAD = "MCowBQYDK2VwAyEA";

    /** headers: by their names in lower case. body: the raw bytes. publicKey: whpk_... */
    static boolean isGenuine(Map<String, String> headers, byte[] body, String publicKey, long now)
            throws GeneralSecurityException {
        String id = headers.getOrDefault("webhook-id", "");
        String timestamp = headers.getOrDefault("webhook-timestamp", "");
        String signatures = headers.getOrDefault("webhook-signature", "");

        if (!timestamp.matches("[0-9]{1,15}")) return false;
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;

        String encoded = ED25519_HEAD + publicKey.substring("whpk_".length());
        PublicKey key = KeyFactory.getInstance("Ed25519")
            .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(encoded)));
        // While a key is being rotated there are two signatures, separated by a space.
        for (String candidate : signatures.split(" ")) {
            if (!candidate.startsWith("v1a,")) continue;
            if (isOf(key, candidate.substring(4), id, timestamp, body)) return true;
        }
        return false;
    }

    static boolean isOf(PublicKey key, String text, String id, String timestamp, byte[] body)
            throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        verifier.update(body);
        try {
            return verifier.verify(Base64.getDecoder().decode(text));
        } catch (SignatureException | IllegalArgumentException invalid) {
            return false;
        }
    }
}
