// probe TRUST.pem SECONDS: reads "NAME HOST PORT" a line and fetches https://HOST:PORT/ of each from 127.0.0.1 as net/http does, trusting the PEM file
// given; writes NAME, a tab and the error's text, or "accepts".
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

func ask(roots *x509.CertPool, patience time.Duration, host string, port string) string {
	dialer := &net.Dialer{Timeout: patience}
	client := &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			ForceAttemptHTTP2: true,
			TLSClientConfig:   &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, "127.0.0.1:"+port)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Get("https://" + host + ":" + port + "/")
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	if err != nil {
		return strings.Join(strings.Fields(err.Error()), " ")
	}
	return "accepts"
}

func main() {
	pem, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	seconds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	var asked sync.WaitGroup
	var printing sync.Mutex
	free := make(chan struct{}, 8)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		part := strings.Fields(lines.Text())
		asked.Add(1)
		go func() {
			defer asked.Done()
			free <- struct{}{}
			said := ask(roots, time.Duration(seconds)*time.Second, part[1], part[2])
			<-free
			printing.Lock()
			defer printing.Unlock()
			fmt.Printf("%s\t%s\n", part[0], said)
		}()
	}
	asked.Wait()
}
