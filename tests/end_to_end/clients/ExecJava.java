// ExecJava.java WAY URL…: prints the status and the body of each, as a program gets them which knows of no proxy and no CA.
import java.net.*;
import java.net.http.*;
import java.nio.charset.StandardCharsets;

public class ExecJava {
    static String client(String url) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body().strip();
    }

    static String connection(String url) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
        int status = connection.getResponseCode();
        byte[] body = (status < 400 ? connection.getInputStream() : connection.getErrorStream()).readAllBytes();
        return status + " " + new String(body, StandardCharsets.UTF_8).strip();
    }

    public static void main(String[] arguments) throws Exception {
        for (int at = 1; at < arguments.length; at++)
            System.out.println(arguments[0].equals("client") ? client(arguments[at]) : connection(arguments[at]));
    }
}
