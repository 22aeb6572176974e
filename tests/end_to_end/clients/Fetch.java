// Fetch.java URL PROXY-PORT: prints the body as HttpsURLConnection gets it through the proxy at 127.0.0.1, trusting what Java trusts by itself.
import java.net.*;

public class Fetch {
    public static void main(String[] arguments) throws Exception {
        Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])));
        System.out.print(new String(new URL(arguments[0]).openConnection(proxy).getInputStream().readAllBytes()));
    }
}
