// Package api is the HTTP face of Yanlu: it turns requests into calls of the
// domain and faults into problems, and holds the OpenAPI document. No rule of
// the field is decided here.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"yanlu/internal/account"
	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/opinion"
	"yanlu/internal/phrase"
	"yanlu/internal/proposal"
	"yanlu/internal/report"
	"yanlu/internal/roster"
	"yanlu/internal/safety"
	"yanlu/internal/seal"
	"yanlu/internal/store"
	"yanlu/internal/suggestion"
)

// Parts are what the API stands on.
type Parts struct {
	DB          *store.DB
	Accounts    *account.Service
	People      *member.Service
	Roster      *roster.Service
	Keeper      *seal.Keeper
	Matters     *matter.Service
	Watch       *matter.Watch
	Handling    *handling.Service
	Suggestions *suggestion.Service
	Opinions    *opinion.Service
	Proposals   *proposal.Service
	Notify      *notify.Service
	Phrases     *phrase.Service
	Reports     *report.Service
	Checks      *safety.Service
	Audit       *audit.Service
	Files       *attachment.Service
	Callbacks   Callbacks
	Limiter     Limiter
	Page        fs.FS                    // the built client; nil: the one inside the program
	Demo        Demo                     // nil except in the demo
	Settings    []institution.AnySetting // what an institution may set
	Now         func() time.Time
	Log         *slog.Logger
}

// Options are what the person who runs it may set.
type Options struct {
	Version           string
	PublicURL         string        // address of this server from outside, without a slash at its end; empty: as it is asked
	TrustedProxies    []string      // CIDRs whose X-Forwarded-For is believed; none by default
	MaxBody           int64         // bytes
	RequestsPerMinute int           // of one account, or one address that is not logged in; 0: no limit
	UploadIdle        time.Duration // an upload or download may stand still
	UploadTimeout     time.Duration // an upload or download may take
}

// API is the HTTP handler with its document.
type API struct {
	engine    *gin.Engine
	handler   http.Handler // the engine, with its answers compressed
	huma      huma.API
	db        *store.DB
	accounts  *account.Service
	people    *member.Service
	roster    *roster.Service
	keeper    *seal.Keeper
	matters   *matter.Service
	watch     *matter.Watch
	handling  *handling.Service
	notify    *notify.Service
	phrases   *phrase.Service
	reports   *report.Service
	checks    *safety.Service
	audit     *audit.Service
	suggest   *suggestion.Service
	opinions  *opinion.Service
	propose   *proposal.Service
	files     *attachment.Service
	patience  patience
	callbacks Callbacks
	limiter   limiter
	settings  []institution.AnySetting
	now       func() time.Time
	log       *slog.Logger
	catalogue map[string]*fault.Fault
	labels    map[string]string   // of operations, in Chinese
	grants    []grant             // of operations that are not open to everybody, sorted
	sheets    map[string][]string // of each flow the actions that spreadsheets take
	origins   *http.CrossOriginProtection
	public    string // address of the page from outside; empty: not told
	demo      bool
}

var problemType = reflect.TypeFor[Problem]()

// New builds the API with all its routes.
func New(p Parts, o Options) (*API, error) {
	gin.SetMode(gin.ReleaseMode)
	teachHuma()
	a := &API{
		engine: gin.New(), db: p.DB, accounts: p.Accounts, people: p.People, roster: p.Roster, keeper: p.Keeper, matters: p.Matters, watch: p.Watch, handling: p.Handling,
		notify: p.Notify, phrases: p.Phrases, reports: p.Reports, audit: p.Audit, checks: p.Checks, suggest: p.Suggestions, opinions: p.Opinions, propose: p.Proposals, files: p.Files, patience: patience{o.UploadIdle, o.UploadTimeout},
		callbacks: p.Callbacks, settings: p.Settings, now: p.Now, log: p.Log,
		limiter: limiter{p.Limiter, o.RequestsPerMinute, p.Log}, catalogue: map[string]*fault.Fault{}, sheets: map[string][]string{},
		public: o.PublicURL, demo: p.Demo != nil,
	}
	if err := a.engine.SetTrustedProxies(o.TrustedProxies); err != nil {
		return nil, err
	}
	var err error
	if a.origins, err = originsOf(o.PublicURL); err != nil {
		return nil, err
	}
	if a.handler, err = compressed(a.engine); err != nil {
		return nil, err
	}
	a.engine.HandleMethodNotAllowed = true
	a.engine.RedirectTrailingSlash = false // an address is right or it is not
	a.engine.Use(a.identifyRequest, gin.CustomRecoveryWithWriter(nil, a.recovered))
	a.engine.NoRoute(func(c *gin.Context) { a.abort(c, errNoRoute) })
	a.engine.NoMethod(func(c *gin.Context) { a.abort(c, errNoMethod) })
	for _, f := range []*fault.Fault{errNoRoute, errNoMethod} {
		a.catalogue[f.Code] = f
	}

	group := a.engine.Group("/")
	group.Use(a.readBody(o.MaxBody))
	a.huma = humagin.NewWithGroup(a.engine, group, a.document(o.Version))
	a.huma.UseMiddleware(a.authorise)

	a.sessionRoutes()
	a.aboutRoutes(o.Version)
	a.deskRoutes()
	a.peopleRoutes()
	a.appointmentRoutes()
	a.unitRoutes()
	a.divisionRoutes()
	a.termRoutes()
	a.rosterRoutes()
	a.invitationRoutes()
	a.workRoutes()
	a.chooseRoutes()
	a.inboxRoutes()
	a.undeliveredRoutes()
	a.suggestionRoutes()
	a.opinionRoutes()
	a.proposalRoutes()
	a.collectionRoutes()
	a.assignmentRoutes()
	a.handoverRoutes()
	a.countRoutes()
	a.auditRoutes()
	a.formRoutes()
	a.phraseRoutes()
	a.settingRoutes()
	a.safetyRoutes()
	a.attachmentRoutes()
	a.calendarRoutes()
	a.overdueRoutes()
	a.plainRoutes(p.Demo)
	a.labelOperations()
	a.sortGrants()
	if p.Page == nil {
		p.Page = embeddedPage()
	}
	return a, a.webRoutes(p.Page)
}

func (a *API) document(version string) huma.Config {
	c := huma.DefaultConfig("言路 Yanlu", version)
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.CreateHooks = nil // no $schema in answers
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.RejectUnknownQueryParameters = true
	c.Info.Description = "委员的微建议、社情民意和提案：提交、受理、转办、答复、评价。\n\n" +
		"Every create and every action takes an Idempotency-Key; logging in and binding need none, since their codes work once by themselves. " +
		"Errors are RFC 9457 problems with a stable code. Lists are paged by cursor. Times are RFC 3339."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "http", Scheme: "bearer", Description: "The token that POST /v1/login returns."},
		"desk":    {Type: "apiKey", In: "cookie", Name: "__Host-" + sessionCookie, Description: "Of a browser that a telephone let in. What is not a GET must come from a page of this site. Without TLS, on one's own machine and in the demo, its name is " + sessionCookie + "."},
	}
	return c
}

// schemaName is what a type is called in the document. Types of the domain have the
// name of their package before their own, since each kind has a SubmitInput.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if domain, ok := strings.CutPrefix(t.PkgPath(), "yanlu/internal/"); ok && t.Name() != "" {
		name = strings.ToUpper(domain[:1]) + domain[1:] + name
	}
	return name
}

// ServeHTTP answers a request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// OpenAPI returns the document of the API.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Faults returns every fault that an operation promises, by code.
func (a *API) Faults() map[string]*fault.Fault { return a.catalogue }

type requestKey struct{}

type requestInfo struct{ id, address string }

// requestID returns the identifier of the request, empty outside of one.
func requestID(ctx context.Context) string {
	r, _ := ctx.Value(requestKey{}).(requestInfo)
	return r.id
}

// address returns the client's address; with IPv6 its network of 64 bits, since
// whoever has one address of it has them all.
func address(ctx context.Context) string {
	r, _ := ctx.Value(requestKey{}).(requestInfo)
	if ip := net.ParseIP(r.address); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return r.address
}

func (a *API) identifyRequest(c *gin.Context) {
	info := requestInfo{id: uuid.Must(uuid.NewV7()).String(), address: c.ClientIP()}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey{}, info))
	h := c.Writer.Header()
	h.Set("X-Request-Id", info.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	c.Next()
}

func (a *API) recovered(c *gin.Context, cause any) {
	a.log.ErrorContext(c.Request.Context(), "request panicked", "request_id", requestID(c.Request.Context()), "error", cause, "stack", string(debug.Stack()))
	a.show(c, problemOf(c.Request.Context(), errInternal))
}

// abort ends a plain Gin request with the problem of an error.
func (a *API) abort(c *gin.Context, err error) {
	a.show(c, explain(c.Request.Context(), a.log, err))
}

func (a *API) show(c *gin.Context, p *Problem) {
	c.Abort()
	if !c.Writer.Written() {
		c.Writer.Header().Set("Content-Type", p.ContentType(""))
		c.JSON(p.Status, p)
	}
}
