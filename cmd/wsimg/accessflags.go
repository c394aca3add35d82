package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wsimg/wsimg/loadgen/site"
)

// accessFlags are the flags that say how a server lets clients in, and whether
// it is audited, as typed.
type accessFlags struct {
	token, ca       string
	insecure, audit bool
}

// accessAsked is what accessFlags ask for.
type accessAsked struct {
	site.Access
	Audit bool
	Notes []string // what the reader of the run must know
}

// register adds the flags to set.
func (f *accessFlags) register(set *pflag.FlagSet) {
	set.BoolVar(&f.audit, "audit", false, "prove that the target saved every image exactly once and intact: both ends keep a book, and they are compared")
	set.StringVar(&f.token, "token", "", "show this `TOKEN` to the server, as Authorization: Bearer (default: $"+tokenVariable+", which other users of the machine can't see)")
	set.StringVar(&f.ca, "ca", "", "take the certificate of a wss:// server when an authority in this PEM `FILE` signed it, or when it is in it, instead of the system's")
	set.BoolVar(&f.insecure, "insecure", false, "do not check the certificate of a wss:// server: whoever is in between can read and change everything")
}

// insecureNote is in the record of a run that came about so.
const insecureNote = "The server's certificate was not checked (--insecure): who answered is not proven."

// parse returns what the flags of cmd ask for of the server at a URL, empty for
// the bundled target, or wrong usage that names each flag at fault.
func (f accessFlags) parse(cmd *cobra.Command, server string) (accessAsked, error) {
	asked := accessAsked{Audit: f.audit}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	given := cmd.Flags().Changed
	for _, name := range []string{"token", "ca", "insecure"} {
		if given(name) && server == "" {
			fault("--%s is for a server of your own: add its --url, or drop --%s", name, name)
		}
	}
	for _, name := range []string{"ca", "insecure"} {
		if u, err := url.Parse(server); given(name) && err == nil && u.Scheme == "ws" {
			fault("--%s is for wss://, and ws:// in --url has no certificate: ask for wss://, or drop --%s", name, name)
		}
	}
	if given("ca") && f.insecure {
		fault("--ca and --insecure exclude each other: the certificate is checked or it is not; drop one of the two")
	}
	if server != "" {
		var err error
		if asked.Token, err = tokenAsked(given("token"), f.token); err != nil {
			fault("%w", err)
		}
	}
	switch {
	case len(faults) > 0: // before any file is read
	case given("ca"):
		known, err := authorities(f.ca)
		if err != nil {
			fault("--ca: %w", err)
		}
		asked.TLS = &tls.Config{RootCAs: known, MinVersion: tls.VersionTLS12}
	case f.insecure:
		asked.TLS = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
		asked.Notes = append(asked.Notes, insecureNote)
	}
	if len(faults) > 0 {
		return asked, usagef("%w", errors.Join(faults...))
	}
	return asked, nil
}

// authorities reads the certificates in a PEM file.
func authorities(path string) (*x509.CertPool, error) {
	const want = "give a PEM file with -----BEGIN CERTIFICATE-----"
	if path == "" {
		return nil, errors.New("it is empty: " + want)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, want)
	}
	pool, found, other := x509.NewCertPool(), 0, ""
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			other = block.Type
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in %s is damaged (%w): %s", found+1, path, err, want)
		}
		pool.AddCert(cert)
		found++
	}
	switch {
	case found > 0:
		return pool, nil
	case other != "":
		return nil, fmt.Errorf("%s holds %q and no certificate: %s", path, other, want)
	default:
		return nil, fmt.Errorf("%s holds no certificate: %s", path, want)
	}
}
