package cloudsim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The vectors were computed with the vendor's own signer and by an independent implementation.
func TestSignatureVectors(t *testing.T) {
	const secret = "SKEXAMPLE00000000000000000000000000000001"
	const date = "20250815T120000Z"
	tests := []struct {
		name, method, url, body, signed string
		header                          map[string]string
		hash, signature                 string
	}{
		{
			name: "query, no body", method: http.MethodGet,
			url:       "https://rms.myhuaweicloud.com/v1/resource-manager/domains/0123456789abcdef0123456789abcdef/all-resources?type=hcss.l-instance&limit=200",
			signed:    "user-agent;x-domain-id;x-sdk-date",
			header:    map[string]string{"User-Agent": "huaweicloud-usdk-go/3.0", "X-Domain-Id": "0123456789abcdef0123456789abcdef"},
			hash:      "73733a135e169f91c89131f8cfe9b030668bc11f2d46c444f961289c28b4cf9e",
			signature: "9b44975712e36cbf4ebf6db15e376286e928298501607c7b0d346b80224d17aa",
		},
		{
			name: "signed host, unsigned content type, body", method: http.MethodPost,
			url:       "https://ecs.ap-southeast-3.myhuaweicloud.com/v1/067cf8aecf3845d1ad7a5d308322f13b/cloudservers/action",
			body:      `{"os-start":{"servers":[{"id":"72a270de-665a-4f46-8d64-24ad6edccdd2"}]}}`,
			signed:    "host;x-project-id;x-sdk-date",
			header:    map[string]string{"Content-Type": "application/json", "X-Project-Id": "067cf8aecf3845d1ad7a5d308322f13b"},
			hash:      "cb82a76713e6971b020a65fffb56b43613c11fee1329b94c9cb72141947f00dd",
			signature: "3241f41ea28b8db5feb844f7401c55fa179595a83cbb89cc020d9a91d8c1bc84",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.url, strings.NewReader(tt.body))
			r.Header.Set("X-Sdk-Date", date)
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			canonical := canonicalRequest(r, strings.Split(tt.signed, ";"), []byte(tt.body))
			sum := sha256.Sum256([]byte(canonical))
			if got := hex.EncodeToString(sum[:]); got != tt.hash {
				t.Errorf("hash of the canonical request: got %s, want %s; the request is\n%s", got, tt.hash, canonical)
			}
			if got := sign(secret, date, canonical); got != tt.signature {
				t.Errorf("signature: got %s, want %s", got, tt.signature)
			}
		})
	}
}
