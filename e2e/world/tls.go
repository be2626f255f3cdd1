//go:build e2e

package world

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// trusting asks a console that shows a certificate nobody has signed.
var trusting = &http.Client{
	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // a test's own console

// certificate makes a certificate for localhost and gives the settings that name it.
func (w *World) certificate() []string {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	var settings []string
	for _, f := range []struct {
		setting, name, kind string
		der                 []byte
	}{{"CONSOLE_TLS_CERT_FILE", "cert.pem", "CERTIFICATE", cert}, {"CONSOLE_TLS_KEY_FILE", "key.pem", "PRIVATE KEY", secret}} {
		path := filepath.Join(w.dir, f.name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der}), 0o600); err != nil {
			w.t.Fatal(err)
		}
		settings = append(settings, f.setting+"="+path)
	}
	return settings
}
