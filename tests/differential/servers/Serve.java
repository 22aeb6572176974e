// Serve.java SPECS: an HTTPS server of Java's for each line "NAME CHAIN KEY SIZE [option=value]…" of the file, which answers with a body of SIZE bytes; writes
// NAME and its port a line when it listens on 127.0.0.1. Options: protocols, suites, alpn (lists with commas), wants=certificate.
import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.*;
import java.util.*;
import javax.net.ssl.*;

public class Serve {
    public static void main(String[] arguments) throws Exception {
        // A new key each 4 KB (RFC 8446 §5.5), so that it comes in the middle of a response.
        Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^12");
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] part = line.split(" ");
            Map<String, String[]> options = new HashMap<>();
            for (String option : Arrays.copyOfRange(part, 4, part.length))
                options.put(option.split("=")[0], option.split("=")[1].split(","));
            SSLServerSocket listener = listen(part[1], part[2], options);
            byte[] body = new byte[Integer.parseInt(part[3])];
            Arrays.fill(body, (byte) 'x');
            new Thread(() -> accept(listener, body)).start();
            System.out.println(part[0] + " " + listener.getLocalPort());
        }
    }

    static SSLServerSocket listen(String chain, String key, Map<String, String[]> options) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream file = Files.newInputStream(Path.of(chain))) {
            store.setKeyEntry("server", key(key), new char[0],
                CertificateFactory.getInstance("X.509").generateCertificates(file).toArray(new Certificate[0]));
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
        SSLParameters parameters = listener.getSSLParameters();
        if (options.containsKey("protocols")) parameters.setProtocols(options.get("protocols"));
        if (options.containsKey("suites")) parameters.setCipherSuites(options.get("suites"));
        if (options.containsKey("alpn")) parameters.setApplicationProtocols(options.get("alpn"));
        if (options.containsKey("wants")) parameters.setWantClientAuth(true);
        listener.setSSLParameters(parameters);
        return listener;
    }

    static PrivateKey key(String path) throws Exception {
        String text = Files.readString(Path.of(path)).replaceAll("-----.*-----|\\s", "");
        for (String kind : new String[] {"EC", "RSA", "EdDSA", "RSASSA-PSS"}) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
            } catch (InvalidKeySpecException another) {
            }
        }
        throw new IOException("no key in " + path);
    }

    static void accept(SSLServerSocket listener, byte[] body) {
        while (true) {
            try {
                Socket socket = listener.accept();
                new Thread(() -> answer(socket, body)).start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    static void answer(Socket socket, byte[] body) {
        try (socket) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            for (String line; (line = lines.readLine()) != null && !line.isEmpty();) {
            }
            OutputStream out = socket.getOutputStream();
            out.write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes());
            for (int at = 0; at < body.length; at += 1000) out.write(body, at, Math.min(1000, body.length - at));
        } catch (IOException refused) {
        }
    }
}
