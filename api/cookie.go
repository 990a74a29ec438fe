package api

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"yanlu/internal/fault"
)

// The faults of a browser.
var (
	errForeign   = fault.New(fault.Forbidden, "request.foreign", "这个操作不是从本系统的网页发出的，为了您的账号安全没有执行。请回到本系统的网页再做一次。")
	errTwoLogins = fault.New(fault.Malformed, "request.two_logins", "这个浏览器已经登录，请求里又带了另一个登录凭证。请先退出网页登录，或去掉多带的凭证。")
)

// The cookies of a browser. Where there is TLS they have the prefix __Host-,
// under which no other host, and no page without TLS, can plant one.
const (
	sessionCookie = "yanlu-session" // token of the session at a desk
	deskCookie    = "yanlu-desk"    // by which a browser that wants to log in proves itself
)

// visit is embedded in the input of an operation that deals with a browser, or
// with a body that is not JSON.
type visit struct{ request *gin.Context }

// Resolve implements huma.Resolver.
func (v *visit) Resolve(c huma.Context) []error {
	v.request = humagin.Unwrap(c)
	return nil
}

// originsOf is what tells a page of ours from others. A browser says itself
// where a request comes from; public, where it is known, is for old browsers
// behind a proxy that changes the host.
func originsOf(public string) (*http.CrossOriginProtection, error) {
	origins := http.NewCrossOriginProtection()
	if public == "" {
		return origins, nil
	}
	u, err := url.Parse(public)
	if err != nil {
		return nil, err
	}
	return origins, origins.AddTrustedOrigin(u.Scheme + "://" + u.Host)
}

// ours refuses what another site lets a browser do. What no browser sends passes.
func (a *API) ours(r *http.Request) error {
	if a.origins.Check(r) != nil {
		return errForeign
	}
	return nil
}

// plain reports whether a browser comes without TLS, which only a demo and one's
// own machine may do.
func (a *API) plain(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return r.TLS == nil && (a.demo || a.public == "" && (host == "localhost" || ip != nil && ip.IsLoopback()))
}

// home is the address of the page, without a slash at its end.
func (a *API) home(r *http.Request) string {
	switch {
	case a.public != "":
		return a.public
	case a.plain(r):
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

func (a *API) cookieName(r *http.Request, name string) string {
	if a.plain(r) {
		return name
	}
	return "__Host-" + name
}

// cookie returns the value of a cookie of ours, empty where there is none.
func (a *API) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(a.cookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie gives a browser a cookie that no script reads and no other site
// sends. Without life it takes the cookie away.
func (a *API) setCookie(c *gin.Context, name, value string, life time.Duration) {
	seconds := int(life / time.Second)
	if seconds <= 0 {
		value, seconds = "", -1
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: a.cookieName(c.Request, name), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: !a.plain(c.Request), SameSite: http.SameSiteStrictMode,
	})
}

// presented returns the token of a request, empty where there is none, and
// whether a browser sent it by itself. Such a request must come from a page of
// ours, and must not present another token besides.
func (a *API) presented(r *http.Request) (token string, desk bool, err error) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		bearer = ""
	}
	cookie := a.cookie(r, sessionCookie)
	switch {
	case cookie == "":
		return bearer, false, nil
	case bearer != "":
		return "", false, errTwoLogins
	}
	return cookie, true, a.ours(r)
}
