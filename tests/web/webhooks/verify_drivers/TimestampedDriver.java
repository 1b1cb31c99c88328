import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

final class TimestampedDriver {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] fields = line.split("\t", -1);
            Map<String, String> headers =
                fields[1].equals("-") ? Map.of() : Map.of("x-callboard-signature", fields[1]);
            byte[] body = Base64.getDecoder().decode(fields[4]);
            boolean found = Callboard.isGenuine(headers, body, fields[2], Long.parseLong(fields[3]));
            System.out.println(found ? "yes" : "no");
        }
    }
}
