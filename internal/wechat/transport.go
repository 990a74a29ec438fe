package wechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// platformHosts are the hosts that the platform's calls go to. The packages of
// the library that are linked here name no other.
var platformHosts = map[string]bool{"api.weixin.qq.com": true}

// maxAnswer is the most that is read of one answer. Those of this package's
// calls have a few hundred bytes.
const maxAnswer = 1 << 20

var (
	errElsewhere = errors.New("the host is not the platform's")
	errUnrouted  = errors.New("the request belongs to no client")
	errTooLong   = errors.New("the answer is too long")
)

// statusError is an answer whose HTTP status is not 200. The platform reports
// its own errors with 200, so another status comes from a gateway or a proxy.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("HTTP status %d", int(e)) }

// route says where a Client's requests go: to the real hosts when base is nil.
type route struct{ base *url.URL }

type routeKey struct{}

// call returns the context of one HTTP call: it ends with the caller's, at the
// latest after the Client's time-out, and tells the gate whose call it is.
func (c *Client) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, routeKey{}, c.route), c.cfg.Timeout)
}

var installOnce sync.Once

// installGate replaces the library's HTTP client, which is global, has no
// time-out and follows redirects, by one that goes through the gate. It is set
// once in a process; what differs between Clients travels in the context.
func installGate() {
	installOnce.Do(func() {
		util.DefaultHTTPClient = &http.Client{Transport: &gate{next: newTransport()}}
	})
}

// newTransport returns the connections under the gate. They speak HTTP/1.1 only,
// which is what once relies on.
func newTransport() *http.Transport {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConnsPerHost:   32,
		Protocols:             new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}

// gate is the one way out. It refuses a request that belongs to no Client and
// one to a host that is not the platform's, rewrites the host for a Client that
// has a simulator, turns an HTTP status other than 200 into an error (the
// library would print the URL, secrets and all, and a redirect would take them
// elsewhere), and bounds the answer.
type gate struct{ next http.RoundTripper }

// RoundTrip makes one request, at most once.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	r, ok := req.Context().Value(routeKey{}).(*route)
	if !ok {
		closeBody(req)
		return nil, errUnrouted
	}
	if req.URL.Scheme != "https" || !platformHosts[req.URL.Host] {
		closeBody(req)
		return nil, errElsewhere
	}
	req = once(req)
	if r.base != nil {
		req.URL.Scheme, req.URL.Host = r.base.Scheme, r.base.Host
		req.Host = r.base.Host
	}
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, statusError(resp.StatusCode)
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: maxAnswer}
	return resp, nil
}

// once returns a copy of the request that net/http does not send a second time
// by itself. It does so with a GET whose connection breaks, and code2session is
// a GET that uses a code up: the second would be answered with 40163. A body
// that cannot be had again stops it, and an empty one adds no byte to the wire.
func once(req *http.Request) *http.Request {
	req = req.Clone(req.Context())
	req.GetBody = nil
	if req.Body == nil {
		req.Body = io.NopCloser(strings.NewReader(""))
	}
	return req
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// isLoopback reports whether the host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// boundedBody fails once more than its bound has been read.
type boundedBody struct {
	io.ReadCloser
	left int
}

// Read reads as the body does, and answers errTooLong beyond the bound.
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= n
	if b.left < 0 {
		return n, errTooLong
	}
	return n, err
}
