package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// The PEM blocks told apart here (RFC 7468). Keys have several types that end
// the same.
const (
	certificateBlock  = "CERTIFICATE"
	keyBlock          = "PRIVATE KEY"
	encryptedKeyBlock = "ENCRYPTED PRIVATE KEY"
)

// Load reads a certificate, with those between it and its authority after it,
// and its key from two files of PEM, which may be one and the same. The
// certificate must be valid now. An error names the file at fault and says what
// to do.
func Load(certFile, keyFile string, now time.Time) (tls.Certificate, error) {
	chain, err := readCertificates(certFile, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readKey(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	cert, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %s and key %s don't go together: %w; give the key that the certificate was made for", certFile, keyFile, err)
	}
	return cert, nil
}

// readCertificates returns a file that holds PEM whose first certificate is
// valid now.
func readCertificates(name string, now time.Time) ([]byte, error) {
	content, err := read("certificate", name)
	if err != nil {
		return nil, err
	}
	block := find(content, func(b *pem.Block) bool { return b.Type == certificateBlock })
	if block == nil {
		if find(content, isKey) != nil {
			return nil, fmt.Errorf("certificate %s holds a private key and no certificate; exchange the two files", name)
		}
		return nil, fmt.Errorf("certificate %s has no certificate in PEM; give a file with -----BEGIN %s-----, which openssl x509 -inform der makes of DER", name, certificateBlock)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	switch {
	case err != nil:
		return nil, fmt.Errorf("certificate %s is damaged: %w; copy it anew", name, err)
	case now.After(leaf.NotAfter):
		return nil, fmt.Errorf("certificate %s expired at %s; renew it", name, leaf.NotAfter.Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return nil, fmt.Errorf("certificate %s is not valid before %s; wait, or set this machine's clock", name, leaf.NotBefore.Format(time.RFC3339))
	}
	return content, nil
}

// readKey returns a file that holds PEM with a private key that needs no
// password.
func readKey(name string) ([]byte, error) {
	content, err := read("key", name)
	if err != nil {
		return nil, err
	}
	block := find(content, isKey)
	switch {
	case block == nil && find(content, func(b *pem.Block) bool { return b.Type == certificateBlock }) != nil:
		return nil, fmt.Errorf("key %s holds a certificate and no private key; give the key that the certificate was made for", name)
	case block == nil:
		return nil, fmt.Errorf("key %s has no private key in PEM; give a file with -----BEGIN %s-----, which openssl pkey -inform der makes of DER", name, keyBlock)
	case block.Type == encryptedKeyBlock || block.Headers["DEK-Info"] != "":
		return nil, fmt.Errorf("key %s is encrypted; decrypt it with openssl pkey -in %s -out FILE, and give that", name, name)
	}
	return content, nil
}

func read(what, name string) ([]byte, error) {
	content, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w; give the path of a file in PEM", what, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: %w; let this user read it", what, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return content, nil
}

// find returns the first block of PEM that is wanted, nil if there is none.
func find(content []byte, wanted func(*pem.Block) bool) *pem.Block {
	for {
		var block *pem.Block
		block, content = pem.Decode(content)
		if block == nil || wanted(block) {
			return block
		}
	}
}

func isKey(b *pem.Block) bool { return strings.HasSuffix(b.Type, keyBlock) }
