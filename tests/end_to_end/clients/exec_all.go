// exec_all URL [BUNDLE]: prints the status and the body that a program gets which asks no proxy, whatever its environment says. It
// trusts the system's bundle, or only its own.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	trust := &tls.Config{}
	if len(os.Args) > 2 {
		text, err := os.ReadFile(os.Args[2])
		trust.RootCAs = x509.NewCertPool()
		if err != nil || !trust.RootCAs.AppendCertsFromPEM(text) {
			fmt.Println("no bundle", err)
			os.Exit(2)
		}
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
	answer, err := client.Get(os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, strings.TrimSpace(string(body)))
}
