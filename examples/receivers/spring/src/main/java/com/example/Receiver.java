// Receive callbacks with Spring Boot.
//
//   CALLBOARD_SECRET=whsec_... mvn spring-boot:run
package com.example;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Receiver {
    private static final long TOLERANCE_SECONDS = 300;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final byte[] key = Base64.getDecoder()
            .decode(System.getenv("CALLBOARD_SECRET").substring("whsec_".length()));
    // In production a table with the id as its primary key: INSERT ... ON CONFLICT DO NOTHING, and
    // a worker that reads it. This set and this queue are lost with the process.
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final ExecutorService worker = Executors.newSingleThreadExecutor();

    public static void main(String[] arguments) {
        SpringApplication.run(Receiver.class, arguments);
    }

    // The raw bytes: a body that was parsed and serialized again has another signature.
    @PostMapping("/hook")
    ResponseEntity<Void> hook(
            @RequestHeader("webhook-id") String id,
            @RequestHeader("webhook-timestamp") String timestamp,
            @RequestHeader("webhook-signature") String signatures,
            @RequestBody byte[] body) throws GeneralSecurityException {
        if (!isGenuine(id, timestamp, signatures, body)) {
            return ResponseEntity.status(401).build();
        }
        if (seen.add(id)) {
            worker.submit(() -> handle(id, body));
        }
        return ResponseEntity.noContent().build();
    }

    private static Void handle(String id, byte[] body) throws IOException {
        System.out.println("handled " + id + " " + JSON.readTree(body).path("type").asText());
        return null;
    }

    private boolean isGenuine(String id, String timestamp, String signatures, byte[] body)
            throws GeneralSecurityException {
        if (!timestamp.matches("[0-9]{1,15}")) return false;
        long age = Instant.now().getEpochSecond() - Long.parseLong(timestamp);
        if (Math.abs(age) > TOLERANCE_SECONDS) return false;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String signature = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        byte[] expected = signature.getBytes(StandardCharsets.UTF_8);
        // While a secret is rotated there are two signatures, separated by a space.
        boolean matches = false;
        for (String candidate : signatures.split(" ")) {
            matches |= MessageDigest.isEqual(expected, candidate.getBytes(StandardCharsets.UTF_8));
        }
        return matches;
    }
}
