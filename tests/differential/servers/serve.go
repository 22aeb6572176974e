// serve SPECS: an HTTPS server of Go's for each line of JSON in the file; writes NAME and its port a line when it listens on 127.0.0.1.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

type spec struct {
	Name, Chain, Key string
	Lowest, Highest  uint16
	Suites           []uint16
	Curves           []tls.CurveID
	Protocols        []string
	NoTickets        bool
	WantsCertificate bool
}

func serve(one spec) error {
	certificate, err := tls.LoadX509KeyPair(one.Chain, one.Key)
	if err != nil {
		return err
	}
	config := &tls.Config{
		Certificates:           []tls.Certificate{certificate},
		MinVersion:             one.Lowest,
		MaxVersion:             one.Highest,
		CipherSuites:           one.Suites,
		CurvePreferences:       one.Curves,
		NextProtos:             one.Protocols,
		SessionTicketsDisabled: one.NoTickets,
	}
	if one.WantsCertificate {
		config.ClientAuth = tls.RequestClientCert
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:   http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { fmt.Fprintln(out, "hello") }),
		TLSConfig: config,
		ErrorLog:  log.New(os.Stderr, one.Name+": ", 0),
	}
	fmt.Println(one.Name, listener.Addr().(*net.TCPAddr).Port)
	go server.ServeTLS(listener, "", "")
	return nil
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var one spec
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			log.Fatal(err)
		}
		if err := serve(one); err != nil {
			log.Fatal(one.Name, ": ", err)
		}
	}
	select {}
}
