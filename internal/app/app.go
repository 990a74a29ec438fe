// Package app puts the parts together: it is the only place where the domain,
// the database, Redis, the platform and the HTTP face meet.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"yanlu/api"
	"yanlu/config"
	"yanlu/internal/account"
	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/handling"
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
	"yanlu/internal/wechat"
)

// version is set when a release is built.
var version = "development"

// Settings are what stands beside the configuration: a test or the demo gives
// other parts than the real ones.
type Settings struct {
	Config config.Config
	Log    *slog.Logger
	Now    func() time.Time // nil: the clock of the machine
	// PlatformURL is the address of a simulator; empty for the real platform.
	PlatformURL string
	// Migrate brings the schema to this version; else one that is not is refused.
	Migrate bool
	// Demo lets the API play telephones; nil except in the demo.
	Demo func(*App) api.Demo
}

// App is the whole program, built but not listening.
type App struct {
	DB         *store.DB
	API        *api.API
	Accounts   *account.Service
	People     *member.Service
	Matters    *matter.Service
	Handling   *handling.Service
	Proposals  *proposal.Service
	Watch      *matter.Watch
	Notify     *notify.Service
	Phrases    *phrase.Service
	Reports    *report.Service
	Files      *attachment.Service
	Dispatcher *notify.Dispatcher
	Checks     *safety.Service
	Checker    *safety.Worker
	Audit      *audit.Service
	Sealer     *audit.Sealer
	WeChat     *wechat.Client
	Now        func() time.Time

	config     config.Config
	log        *slog.Logger
	closeRedis func() error
	filesReady func() error // whether there is a place for files
}

// sealedAtOnce is how many entries of the audit are sealed in one transaction.
const sealedAtOnce = 500

// Clock is the clock of the machine, cut to what the databases keep.
func Clock() time.Time { return store.Micro(time.Now()) }

// Build opens and joins the parts, and does not listen. A schema that is not
// this program's, and keys that are not the database's, are refused.
func Build(ctx context.Context, s Settings) (_ *App, err error) {
	if s.Now == nil {
		s.Now = Clock
	}
	a := &App{config: s.Config, log: s.Log, Now: s.Now}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	c := s.Config
	keeper, err := seal.New(c.Keys.Encryption.Bytes(), c.Keys.Lookup.Bytes())
	if err != nil {
		return nil, err
	}
	if a.DB, err = store.Open(ctx, c.Database.URL.Reveal(), store.Options{MaxOpenConns: c.Database.MaxOpenConns}); err != nil {
		return nil, err
	}
	if s.Migrate {
		err = a.DB.Migrate(ctx)
	} else {
		err = a.DB.Current(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := checkKeys(ctx, a.DB, keeper); err != nil {
		return nil, err
	}
	if a.Audit, err = audit.New(a.DB, c.Keys.Audit.Bytes(), s.Log); err != nil {
		return nil, err
	}
	if err := a.Audit.CheckKey(ctx); err != nil {
		return nil, err
	}
	a.Sealer = audit.NewSealer(a.Audit, sealedAtOnce, s.Now)
	rdb, closeRedis, err := openRedis(c.Redis.URL.Reveal())
	if err != nil {
		return nil, err
	}
	a.closeRedis = closeRedis
	a.WeChat, err = wechat.New(wechat.Config{
		AppID: c.WeChat.AppID, Secret: c.WeChat.Secret.Reveal(), CallbackToken: c.WeChat.CallbackToken.Reveal(),
		CallbackAESKey: c.WeChat.CallbackAESKey.Reveal(), BaseURL: s.PlatformURL, Timeout: c.WeChat.Timeout, ProgramState: c.WeChat.ProgramState,
	}, rdb, s.Now, s.Log)
	if err != nil {
		return nil, err
	}

	a.Notify = notify.New(a.DB, templates(c.WeChat.Templates), s.Now)
	bucket, err := attachment.Open(ctx, c.FilesURL())
	if err != nil {
		return nil, err
	}
	a.Files, a.filesReady = attachment.New(a.DB, bucket, keeper, attachment.Limits{
		MaxPicture: c.Files.MaxPicture, MaxFile: c.Files.MaxFile, MaxPixels: c.Files.MaxPixels, MaxSide: c.Files.MaxSide,
		MaxWaiting: c.Files.MaxWaiting, KeepWaiting: c.Files.KeepWaiting, Link: c.Files.Link,
	}, s.Now), bucket.Ready
	a.Checks = safety.New(a.DB, pictures{a.Files, c.PublicURL}, safety.Options{Batch: c.Safety.Batch, Lease: c.Safety.Lease, Patience: c.Safety.Patience}, s.Now)
	wx := platform{client: a.WeChat, notify: a.Notify, checks: a.Checks, bindPage: c.WeChat.BindPage}
	a.People = member.New(a.DB, keeper)
	a.Accounts = account.New(a.DB, a.People, keeper, wx, tickets{rdb}, account.Limits{
		Sliding: c.Session.Sliding, Absolute: c.Session.Absolute, LoginPerHour: c.Limits.LoginPerHour, BindingPerHour: c.Limits.BindingPerHour,
	}, s.Now)
	a.Accounts.OnVisit(a.Checks.Seen)
	a.Files.OnRefer(toCheck(a.Checks))
	a.Checker = safety.NewWorker(a.Checks, wx, s.Log)
	a.Matters = matter.New(a.DB, a.Notify, a.Files, s.Now)
	a.Handling = handling.New(a.DB, a.Matters, a.Files, keeper, s.Now)
	suggestions := suggestion.New(a.Matters, a.Files, a.Handling, a.Checks, s.Now)
	opinions := opinion.New(a.DB, a.Matters, a.Files, a.Handling)
	a.Proposals = proposal.New(a.DB, a.Matters, a.Files, a.Handling, a.Notify, a.Checks, s.Now)
	a.Phrases = phrase.New(a.DB, purposes(a.Matters), s.Now)
	a.Watch = matter.NewWatch(a.Matters)
	a.Reports = report.New(a.DB, a.Matters, a.Handling, s.Now)
	a.Dispatcher = notify.NewDispatcher(a.Notify, wx, notify.DispatchOptions{
		Interval: c.Push.Interval, Batch: c.Push.Batch, Lease: c.Push.Lease, MaxAttempts: c.Push.MaxAttempts,
	}, s.Log)

	parts := api.Parts{
		DB: a.DB, Accounts: a.Accounts, People: a.People, Roster: roster.New(a.DB, a.People, keeper, s.Now), Keeper: keeper, Matters: a.Matters, Watch: a.Watch, Handling: a.Handling, Suggestions: suggestions, Opinions: opinions, Proposals: a.Proposals, Notify: a.Notify, Phrases: a.Phrases,
		Reports: a.Reports, Audit: a.Audit, Checks: a.Checks, Files: a.Files,
		Callbacks: wx, Limiter: rateLimiter{redis_rate.NewLimiter(rdb)}, Now: s.Now, Log: s.Log,
		Settings: slices.Concat(a.Checks.Settings(), notify.Settings(), a.Matters.Settings(), handling.Settings(), opinion.Settings(), proposal.Settings()),
	}
	if s.Demo != nil {
		parts.Demo = s.Demo(a)
	}
	a.API, err = api.New(parts, api.Options{
		Version: version, PublicURL: c.PublicURL, TrustedProxies: c.TrustedProxies, MaxBody: c.HTTP.MaxBody, RequestsPerMinute: c.Limits.RequestsPerMinute,
		UploadIdle: c.HTTP.ReadTimeout, UploadTimeout: c.Files.UploadTimeout,
	})
	return a, err
}

// purposes are what phrases may be kept for, by the tables of the kinds that are
// registered and of their tail.
func purposes(matters *matter.Service) []phrase.Purpose {
	return phrase.Purposes(matters.Tables(), handling.UnitParties())
}

func templates(configured map[string]config.Template) map[notify.Event]notify.Template {
	by := make(map[notify.Event]notify.Template, len(configured))
	for event, t := range configured {
		by[notify.Event(event)] = notify.Template{ID: t.ID, Page: t.Page, Fields: t.Fields}
	}
	return by
}

// Close closes what Build opened.
func (a *App) Close() error {
	var errs []error
	if a.closeRedis != nil {
		errs = append(errs, a.closeRedis())
	}
	if a.DB != nil {
		errs = append(errs, a.DB.Close())
	}
	return errors.Join(errs...)
}

// Background sends pushes and does the jobs until ctx ends, and returns when all
// of it has stopped.
func (a *App) Background(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { a.Dispatcher.Run(ctx) })
	wg.Go(func() { runJobs(ctx, a.log, a.jobs()) })
	wg.Wait()
}

func (a *App) tidy(ctx context.Context) error {
	_, err := a.DB.Forget(ctx, a.Now().Add(-a.config.Idempotency.Keep))
	return errors.Join(err, a.Accounts.Tidy(ctx), a.Notify.Tidy(ctx), a.Checks.Tidy(ctx))
}

// Server is the HTTP server with its time-outs.
func (a *App) Server() *http.Server {
	h := a.config.HTTP
	return &http.Server{
		Addr: a.config.Listen, Handler: a.API, ReadTimeout: h.ReadTimeout, WriteTimeout: h.WriteTimeout,
		IdleTimeout: h.IdleTimeout, ReadHeaderTimeout: h.ReadHeaderTimeout, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
}

// Listen serves until ctx ends. Then it takes no more requests, finishes those
// under way, and stops what runs behind them, in this order.
func (a *App) Listen(ctx context.Context, ready func(address string)) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	if err := a.filesReady(); err != nil {
		return err
	}
	server := a.Server()
	listener, err := listen(ctx, server.Addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var wg sync.WaitGroup
	wg.Go(func() { a.Background(background) })
	ready(listener.Addr().String())

	select {
	case err = <-served:
	case <-ctx.Done():
		a.log.InfoContext(ctx, "stopping: requests under way are finished first")
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.HTTP.Shutdown)
		defer cancel()
		if err = server.Shutdown(bounded); err != nil {
			err = fmt.Errorf("stop the server: %w", err)
		}
	}
	stop()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
