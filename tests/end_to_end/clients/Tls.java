// Tls.java TRUST.pem: reads "NAME HOST PORT" a line and asks each for TLS at 127.0.0.1 as HttpsURLConnection does, trusting the PEM file given; writes NAME, a tab and
// the exception's text with its causes, or "accepts".
import java.io.*;
import java.net.Socket;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.*;
import java.util.*;
import javax.net.ssl.*;

public class Tls {
    public static void main(String[] arguments) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        try (InputStream file = Files.newInputStream(Path.of(arguments[0]))) {
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(file))
                store.setCertificateEntry("root" + count++, root);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null;) {
            String[] part = line.split(" ");
            System.out.println(part[0] + "\t" + ask(context.getSocketFactory(), part[1], Integer.parseInt(part[2])));
        }
    }

    static String ask(SSLSocketFactory factory, String host, int port) {
        try (Socket plain = new Socket("127.0.0.1", port)) {
            plain.setSoTimeout(20000);
            SSLSocket socket = (SSLSocket) factory.createSocket(plain, host, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.getOutputStream().write(("GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n").getBytes());
            socket.getInputStream().readAllBytes();
            return "accepts";
        } catch (Exception error) {
            StringBuilder text = new StringBuilder();
            for (Throwable each = error; each != null; each = each.getCause())
                text.append(text.length() == 0 ? "" : " Caused by: ").append(each);
            return text.toString().replaceAll("\\s+", " ");
        }
    }
}
