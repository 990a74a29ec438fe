package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"go.yaml.in/yaml/v3"

	"yanlu/api"
	"yanlu/config"
	"yanlu/internal/store"
)

// command is one subcommand of the program.
type command struct {
	name, about string
	run         func(ctx context.Context, c call) error
}

// call is how a command was called.
type call struct {
	args    []string
	environ []string
	out     io.Writer
}

func commands() []command {
	return []command{
		{"demo", "run the demo: SQLite in ./data, simulated WeChat, a made-up county (the default)", runDemo},
		{"serve", "serve for real: needs a configuration, never falls back to the demo", runServe},
		{"migrate", "migrate up | migrate status: bring the database to this version, or tell where it is", runMigrate},
		{"grant", "make the first administrator of an institution and print the invitation code", runGrant},
		{"audit", "audit verify [--heads FILE] | audit heads: check the chains of the audit, or print their heads for keeping elsewhere", runAudit},
		{"openapi", "print the OpenAPI document as YAML; openapi --docs DIR writes it with docs/errors.md, docs/flows.md and docs/authorisation.md", runOpenAPI},
		{"version", "print the version", func(_ context.Context, c call) error { _, err := fmt.Fprintln(c.out, version); return err }},
	}
}

// Run runs the command that args name; without one, the demo. Environ has the
// form of os.Environ.
func Run(ctx context.Context, args, environ []string, out io.Writer) error {
	if len(args) == 0 {
		args = []string{"demo"}
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return help(out)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			err := c.run(ctx, call{args[1:], environ, out})
			if errors.Is(err, flag.ErrHelp) {
				return nil
			}
			return err
		}
	}
	return fmt.Errorf("there is no command %q; see yanlu --help", args[0])
}

func help(out io.Writer) error {
	var b strings.Builder
	b.WriteString("言路 Yanlu: the backend of a WeChat mini-program for 政协 bodies.\n\nUsage: yanlu [command] [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-8s %s\n", c.name, c.about)
	}
	b.WriteString("\nEvery command explains its flags with --help. Settings come from a YAML file (--config or YANLU_CONFIG)\n" +
		"and from the environment; config/config.example.yaml lists all of them.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// flags returns a flag set with the one flag that most commands share.
func (c call) flags(name string) (*flag.FlagSet, *string) {
	f := flag.NewFlagSet("yanlu "+name, flag.ContinueOnError)
	f.SetOutput(c.out)
	return f, f.String("config", "", "path of the YAML file; YANLU_CONFIG where empty")
}

func parse(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%s: unexpected argument %q", f.Name(), f.Arg(0))
	}
	return nil
}

func logger(c config.Config, out io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Log.Level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(out, o))
	}
	return slog.New(slog.NewTextHandler(out, o))
}

func runServe(ctx context.Context, c call) error {
	f, path := c.flags("serve")
	if err := parse(f, c.args); err != nil {
		return err
	}
	cfg, err := config.Load(*path, c.environ, config.Serve)
	if err != nil {
		return err
	}
	log := logger(cfg, c.out)
	a, err := Build(ctx, Settings{Config: cfg, Log: log})
	if err != nil {
		return err
	}
	defer a.closeLogged(ctx)
	return a.Listen(ctx, func(address string) { log.InfoContext(ctx, "serving", "address", address, "version", version) })
}

func (a *App) closeLogged(ctx context.Context) {
	if err := a.Close(); err != nil {
		a.log.ErrorContext(ctx, "close", "error", err)
	}
}

func runDemo(ctx context.Context, c call) error {
	f, path := c.flags("demo")
	if err := parse(f, c.args); err != nil {
		return err
	}
	cfg, err := config.Load(*path, c.environ, config.Demo)
	if err != nil {
		return err
	}
	cfg = withDemoTemplates(cfg)
	sim, err := startSimulator(cfg)
	if err != nil {
		return err
	}
	log := logger(cfg, c.out)
	a, err := Build(ctx, Settings{
		Config: cfg, Log: log, PlatformURL: sim.URL(), Migrate: true, Demo: func(a *App) api.Demo { return demo{a, sim} },
	})
	if err != nil {
		return errors.Join(err, sim.Close())
	}
	defer a.closeLogged(ctx)
	if err := a.seedDemo(ctx); err != nil {
		return errors.Join(err, sim.Close())
	}
	err = a.Listen(ctx, func(address string) {
		if err := (demo{a, sim}).listen(address); err != nil {
			log.WarnContext(ctx, "the simulated WeChat cannot push its events; grants are as the client reports them", "error", err)
		}
		banner(c.out, cfg, address)
	})
	return errors.Join(err, sim.Close())
}

func banner(out io.Writer, c config.Config, address string) {
	_, _ = fmt.Fprintf(out, `
  言路 · 演示模式   DEMO — not for real use
  Open http://%s/ — pick a person and look around. At /demo/: tokens for the API's pages, the pushes that went out.
  Database: %s. Redis: %s. WeChat: simulated, nothing leaves this machine.
  The keys of the demo are public: hand in nothing real. For real use: yanlu serve --help.

`, address, c.Database.URL, inProcessOr(c.Redis.URL.String(), c.Redis.URL.IsZero()))
}

func inProcessOr(s string, inProcess bool) string {
	if inProcess {
		return "in process"
	}
	return s
}

func runMigrate(ctx context.Context, c call) error {
	f, path := c.flags("migrate")
	verb, args := "", c.args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if verb == "" && f.NArg() == 1 {
		verb = f.Arg(0)
	} else if f.NArg() > 0 {
		verb = ""
	}
	if verb != "up" && verb != "status" {
		return errors.New("usage: yanlu migrate up | yanlu migrate status")
	}
	cfg, err := config.Load(*path, c.environ, config.Serve)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, cfg.Database.URL.Reveal(), store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if verb == "up" {
		if err := db.Migrate(ctx); err != nil {
			return err
		}
	}
	steps, err := db.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, s := range steps {
		state := "pending"
		if !s.Applied.IsZero() {
			state = "applied " + s.Applied.Format("2006-01-02 15:04:05")
		}
		if _, err := fmt.Fprintf(c.out, "%-28s %s\n", s.Name, state); err != nil {
			return err
		}
	}
	return nil
}

func runOpenAPI(_ context.Context, c call) error {
	f, _ := c.flags("openapi")
	docs := f.String("docs", "", "write api/openapi.yaml and the generated pages of docs below this folder instead of printing")
	if err := parse(f, c.args); err != nil {
		return err
	}
	a, err := described()
	if err != nil {
		return err
	}
	if *docs != "" {
		return writeDocs(a, *docs)
	}
	b, err := documentYAML(a)
	if err != nil {
		return err
	}
	_, err = c.out.Write(b)
	return err
}

// documentYAML is the OpenAPI document as YAML, by way of JSON, so that keys
// are those of the document.
func documentYAML(a *api.API) ([]byte, error) {
	raw, err := json.Marshal(a.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("write the document: %w", err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("write the document: %w", err)
	}
	b, err := yaml.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the document: %w", err)
	}
	return append([]byte("# Generated by go generate ./api; do not edit.\n"), b...), nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}
