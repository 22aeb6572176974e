// Probe.java TRUST.pem SECONDS: reads "NAME HOST PORT" a line and fetches https://HOST:PORT/ of each as HttpsURLConnection does, trusting the PEM file
// given; -Djdk.net.hosts.file says where the hosts are. Writes NAME, a tab and the exception's text with its causes, or "accepts".
import java.io.*;
import java.net.URL;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.*;
import java.util.concurrent.*;
import javax.net.ssl.*;

public class Probe {
    public static void main(String[] arguments) throws Exception {
        SSLContext context = trusting(arguments[0]);
        int patience = Integer.parseInt(arguments[1]) * 1000;
        ExecutorService pool = Executors.newFixedThreadPool(8);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null;) {
            String[] part = line.split(" ");
            pool.submit(() -> System.out.println(part[0] + "\t" + ask(context, "https://" + part[1] + ":" + part[2] + "/", patience)));
        }
        pool.shutdown();
        pool.awaitTermination(10, TimeUnit.MINUTES);
    }

    static SSLContext trusting(String path) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        try (InputStream file = Files.newInputStream(Path.of(path))) {
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(file))
                store.setCertificateEntry("root" + count++, root);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static String ask(SSLContext context, String url, int patience) {
        try {
            HttpsURLConnection connection = (HttpsURLConnection) new URL(url).openConnection();
            connection.setSSLSocketFactory(context.getSocketFactory());
            connection.setConnectTimeout(patience);
            connection.setReadTimeout(patience);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Connection", "close");
            int status = connection.getResponseCode();
            if (status < 0) return "not HTTP";
            InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            if (body != null) body.readAllBytes();
            return "accepts";
        } catch (Throwable error) {
            StringBuilder text = new StringBuilder();
            for (Throwable each = error; each != null; each = each.getCause())
                text.append(text.length() == 0 ? "" : " Caused by: ").append(each);
            return text.toString().replaceAll("\\s+", " ");
        }
    }
}
