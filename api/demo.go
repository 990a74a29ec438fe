package api

import (
	"context"
	"embed"
	"html/template"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"yanlu/internal/account"
	"yanlu/internal/fault"
)

// Demo is what only the demo has: it plays the telephones of its people.
type Demo interface {
	// People lists who can log in, in the order in which a visitor needs them.
	People(ctx context.Context) ([]DemoPerson, error)
	// LoginCode returns what wx.login would give on a person's telephone.
	LoginCode(ctx context.Context, personID string) (string, error)
	// PhoneCode returns what the phone number button would give there.
	PhoneCode(ctx context.Context, personID string) (string, error)
	// Enter begins a session at a desk, as if the person had confirmed it on the
	// telephone.
	Enter(ctx context.Context, personID, device, address string) (token string, s account.Session, err error)
	// Consent plays the tap that allows one message of each template; the
	// platform tells us by its event.
	Consent(ctx context.Context, personID string) error
	// Pushes lists the messages that reached telephones, newest first.
	Pushes(ctx context.Context) ([]DemoPush, error)
}

// DemoPerson is one person of the demo.
type DemoPerson struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Roles       string `json:"roles"`
	Institution string `json:"institution"`
	Phone       string `json:"phone"`
}

// DemoPush is one push message as it stands on a telephone.
type DemoPush struct {
	At     time.Time `json:"at"`
	To     string    `json:"to"`
	Page   string    `json:"page"`
	Fields []string  `json:"fields"`
}

//go:embed demo
var demoFiles embed.FS

var demoPage = template.Must(template.ParseFS(demoFiles, "demo/index.html"))

type codeView struct {
	Code string `json:"code"`
}

func (a *API) demoRoutes(d Demo) {
	a.engine.GET("/demo", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, "/demo/") })
	a.engine.GET("/demo/", func(c *gin.Context) {
		people, err := d.People(c.Request.Context())
		if err != nil {
			a.abort(c, err)
			return
		}
		pushes, err := d.Pushes(c.Request.Context())
		if err != nil {
			a.abort(c, err)
			return
		}
		c.Header("Content-Type", "text/html; charset=utf-8")
		c.Header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		if err := demoPage.Execute(c.Writer, gin.H{"People": people, "Pushes": pushes}); err != nil {
			a.log.InfoContext(c.Request.Context(), "answer was not taken", "error", err)
		}
	})
	for _, file := range []string{"demo.js", "style.css", "icon.svg"} {
		a.engine.StaticFileFS("/demo/"+file, "demo/"+file, http.FS(demoFiles))
	}
	a.engine.GET("/demo/pushes", func(c *gin.Context) {
		pushes, err := d.Pushes(c.Request.Context())
		if err != nil {
			a.abort(c, err)
			return
		}
		c.JSON(http.StatusOK, pushes)
	})
	a.engine.GET("/demo/people", func(c *gin.Context) {
		people, err := d.People(c.Request.Context())
		if err != nil {
			a.abort(c, err)
			return
		}
		c.JSON(http.StatusOK, people)
	})
	a.engine.POST("/demo/people/:person/enter", func(c *gin.Context) {
		if err := a.enterDemo(c, d); err != nil {
			a.abort(c, err)
			return
		}
		c.JSON(http.StatusCreated, doneView{true})
	})
	code := func(of func(context.Context, string) (string, error)) gin.HandlerFunc {
		return func(c *gin.Context) {
			code, err := of(c.Request.Context(), c.Param("person"))
			if err != nil {
				a.abort(c, err)
				return
			}
			c.JSON(http.StatusCreated, codeView{code})
		}
	}
	a.engine.POST("/demo/people/:person/consents", func(c *gin.Context) {
		if err := d.Consent(c.Request.Context(), c.Param("person")); err != nil {
			a.abort(c, err)
			return
		}
		c.JSON(http.StatusCreated, doneView{true})
	})
	a.engine.POST("/demo/people/:person/login-code", code(d.LoginCode))
	a.engine.POST("/demo/people/:person/phone-code", code(d.PhoneCode))
}

// enterDemo lets a browser in as a person of the demo.
func (a *API) enterDemo(c *gin.Context, d Demo) error {
	ctx := c.Request.Context()
	if err := a.ours(c.Request); err != nil {
		return err
	}
	token, session, err := d.Enter(ctx, c.Param("person"), deviceOf(c.Request.UserAgent()), address(ctx))
	if err != nil {
		return err
	}
	return a.seat(ctx, c, token, session)
}

// ErrNoDemoPerson is the fault of a person whom the demo does not have.
var ErrNoDemoPerson = fault.New(fault.NotFound, "demo.no_person", "演示中没有这个人。")
