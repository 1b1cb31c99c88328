import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

final class TokenDriver {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] fields = line.split("\t", -1);
            Map<String, String> headers =
                fields[0].equals("-") ? Map.of() : Map.of("x-callboard-token", fields[0]);
            System.out.println(CallboardToken.hasToken(headers, fields[1]) ? "yes" : "no");
        }
    }
}
