import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

final class Sha256Driver {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] fields = line.split("\t", -1);
            Map<String, String> headers =
                fields[1].equals("-") ? Map.of() : Map.of("x-hub-signature-256", fields[1]);
            byte[] body = Base64.getDecoder().decode(fields[3]);
            System.out.println(Callboard.isGenuine(headers, body, fields[2]) ? "yes" : "no");
        }
    }
}
