import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;

final class CallboardToken {
    /** headers: by their names in lower case. token: the webhook's secret token. */
    static boolean hasToken(Map<String, String> headers, String token) {
        byte[] received = headers.getOrDefault("x-callboard-token", "").getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(received, token.getBytes(StandardCharsets.UTF_8));
    }
}
