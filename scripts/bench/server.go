package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/pprof"

	"yanlu/config"
	"yanlu/internal/app"
)

// server is one of the two that are compared, listening on loopback.
type server struct {
	address string
	serve   *http.Server
	free    func() error
}

// noPlatform is where WeChat would be. Nothing listens there, and nothing that
// is measured asks it.
const noPlatform = "http://127.0.0.1:9"

// startYanlu starts the whole program on a database, as it is served but for
// the general limit on requests, which would end the measurement.
func startYanlu(ctx context.Context, database string, pool int) (*server, error) {
	c := config.Default(config.Demo)
	c.Database.URL = config.NewURL(database)
	c.Database.MaxOpenConns = pool
	c.Limits.RequestsPerMinute = 0
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Build(ctx, app.Settings{Config: c, Log: log, PlatformURL: noPlatform})
	if err != nil {
		return nil, fmt.Errorf("start yanlu: %w", err)
	}
	return start(ctx, "yanlu", a.Server(), a.Close)
}

// startBare starts the server that Yanlu is compared with.
func startBare(ctx context.Context, database string, pool int) (*server, error) {
	b, err := openBare(ctx, database, pool)
	if err != nil {
		return nil, err
	}
	serve := &http.Server{Handler: b.handler(), ReadHeaderTimeout: requestTimeout}
	return start(ctx, "bare", serve, func() error { b.close(); return nil })
}

// start lets a server listen. What it does carries its name as the label
// "server" in a CPU profile.
func start(ctx context.Context, name string, serve *http.Server, free func() error) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), free())
	}
	pprof.Do(ctx, pprof.Labels("server", name), func(context.Context) {
		go func() { _ = serve.Serve(listener) }() // it ends by stop
	})
	return &server{listener.Addr().String(), serve, free}, nil
}

// stop ends a server when its requests are done.
func (s *server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
	defer cancel()
	return errors.Join(s.serve.Shutdown(ctx), s.free())
}

// check sends one request of each workload and looks at what comes back, so
// that nobody measures how fast a server answers nothing.
func (s *server) check(ctx context.Context, work []workload) error {
	c, err := dial(ctx, s.address)
	if err != nil {
		return err
	}
	defer c.close()
	for _, w := range work {
		raw, err := c.do(w)
		if err != nil {
			return err
		}
		var answer struct {
			ID    string
			Items []json.RawMessage
		}
		if err := json.Unmarshal(raw, &answer); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if answer.ID == "" && len(answer.Items) != 20 {
			return fmt.Errorf("%s: neither one thing nor a page of 20: %.300s", w.name, raw)
		}
	}
	return nil
}
