package cloudsim

import (
	"html"
	"io"
	"net/http"
	"sync"
)

// screens are the addresses of remote consoles that were not opened yet. Each opens once.
type screens struct {
	mu  sync.Mutex
	all map[string]string // server name by token
}

// maxScreens bounds the ones that are never opened.
const maxScreens = 1000

func (s *screens) issue(server string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) >= maxScreens {
		s.all = map[string]string{}
	}
	token := randomHex(24)
	s.all[token] = server
	return token
}

func (s *screens) open(token string) (server string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	server, ok = s.all[token]
	delete(s.all, token)
	return server, ok
}

// screenPage is the page of a simulated screen. It needs no template engine,
// whose method look-ups would keep every exported method in the binary.
func screenPage(server string) string {
	name := html.EscapeString(server)
	return `<!DOCTYPE html><html lang="en"><head><title>` + name + ` (simulated)</title></head>` +
		`<body style="background:#000;color:#ddd;font-family:monospace"><pre>` + name +
		` login: _</pre><p>Screen of a simulated server</p></body></html>`
}

// screen shows what a remote console would, once for each address.
func (c *Cloud) screen(w http.ResponseWriter, r *http.Request) {
	server, ok := c.screens.open(r.URL.Query().Get("token"))
	if !ok {
		writeError(w, http.StatusForbidden, "the address was used already, or is none of the Sandbox's")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, screenPage(server)) // the client may be gone
}
