import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

final class Driver {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] fields = line.split("\t", -1);
            Map<String, String> headers = new HashMap<>();
            put(headers, "webhook-id", fields[0]);
            put(headers, "webhook-timestamp", fields[1]);
            put(headers, "webhook-signature", fields[2]);
            byte[] body = Base64.getDecoder().decode(fields[5]);
            boolean found = Callboard.isGenuine(headers, body, fields[3], Long.parseLong(fields[4]));
            System.out.println(found ? "yes" : "no");
        }
    }

    static void put(Map<String, String> headers, String name, String value) {
        if (!value.equals("-")) headers.put(name, value);
    }
}
