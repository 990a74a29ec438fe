package api

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

// maxCallback bounds a push of the platform, in bytes.
const maxCallback = 256 << 10

// withoutCookie lets the API's pages send a token without the cookie of whoever is
// logged in at the same desk: two logins in one request are refused.
const withoutCookie = "r => { if (r.headers.Authorization) r.credentials = 'omit'; return r }"

// Callbacks are what the platform calls. They are outside of the document: the
// platform says what they look like.
type Callbacks interface {
	// Echo answers the platform's check of the address.
	Echo(timestamp, nonce, signature, echostr string) (string, error)
	// Take verifies and books a push. ErrForged tells one that is not the
	// platform's; any other error makes the platform send it again.
	Take(ctx context.Context, query url.Values, body []byte) error
	// Forged reports whether an error tells of a call that is not the
	// platform's, or that nobody can read: to send it again would not help.
	Forged(err error) bool
}

func (a *API) plainRoutes(demo Demo) {
	a.engine.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	a.engine.GET("/readyz", a.ready)
	a.engine.GET("/wechat/callback", a.echo)
	a.engine.POST("/wechat/callback", a.callback)
	a.engine.GET("/openapi.json", func(c *gin.Context) { c.JSON(http.StatusOK, a.huma.OpenAPI()) })

	docs := gin.WrapH(v5emb.NewHandlerWithConfig(swgui.Config{
		Title: "言路 Yanlu", SwaggerJSON: "/openapi.json", BasePath: "/docs/", SettingsUI: map[string]string{"requestInterceptor": withoutCookie},
	}))
	a.engine.GET("/docs", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/docs/") })
	a.engine.GET("/docs/*any", func(c *gin.Context) {
		if c.Param("any") == "/errors" {
			a.errorsPage(c)
			return
		}
		c.Writer.Header().Set("Cache-Control", "public, max-age=3600")
		docs(c)
	})
	if demo != nil {
		a.demoRoutes(demo)
	}
}

// ready tells a load balancer whether requests can be answered.
func (a *API) ready(c *gin.Context) {
	if err := a.db.Ping(c.Request.Context()); err != nil {
		a.log.ErrorContext(c.Request.Context(), "not ready", "error", err)
		c.String(http.StatusServiceUnavailable, "the database does not answer\n")
		return
	}
	c.String(http.StatusOK, "ready\n")
}

func (a *API) echo(c *gin.Context) {
	s, err := a.callbacks.Echo(c.Query("timestamp"), c.Query("nonce"), c.Query("signature"), c.Query("echostr"))
	if err != nil {
		a.log.WarnContext(c.Request.Context(), "a callback was refused", "request_id", requestID(c.Request.Context()), "error", err)
		c.String(http.StatusForbidden, "")
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(s))
}

func (a *API) callback(c *gin.Context) {
	ctx := c.Request.Context()
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxCallback))
	if err != nil {
		c.String(http.StatusBadRequest, "")
		return
	}
	err = a.callbacks.Take(ctx, c.Request.URL.Query(), body)
	switch {
	case err == nil:
		c.String(http.StatusOK, "success")
	case a.callbacks.Forged(err):
		a.log.WarnContext(ctx, "a callback was refused", "request_id", requestID(ctx), "error", err)
		c.String(http.StatusForbidden, "")
	default:
		a.log.ErrorContext(ctx, "a callback failed", "request_id", requestID(ctx), "error", err)
		c.String(http.StatusInternalServerError, "")
	}
}
