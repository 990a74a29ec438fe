package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"yanlu/config"
	"yanlu/internal/audit"
	"yanlu/internal/store"
)

// errNotWhole ends yanlu audit verify with exit code 1.
var errNotWhole = errors.New("the audit is not whole")

// runAudit verifies the chains of the audit, or prints their heads.
func runAudit(ctx context.Context, c call) error {
	f, path := c.flags("audit")
	kept := f.String("heads", "", "verify: file of heads that yanlu audit heads printed earlier, which must still stand in their chains")
	verb, args := "", c.args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	if err := parse(f, args); err != nil {
		return err
	}
	if verb != "verify" && verb != "heads" || verb == "heads" && *kept != "" {
		return errors.New("usage: yanlu audit verify [--heads FILE] | yanlu audit heads")
	}
	heads, err := readHeads(*kept)
	if err != nil {
		return err
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
	if err := db.Current(ctx); err != nil {
		return err
	}
	s, err := audit.New(db, cfg.Keys.Audit.Bytes(), logger(cfg, c.out))
	if err != nil {
		return err
	}
	if err := s.CheckKey(ctx); err != nil {
		return err
	}
	if verb == "heads" {
		return printHeads(ctx, s, c.out)
	}
	return printReport(ctx, s, heads, c.out)
}

func readHeads(path string) ([]audit.Head, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return audit.ParseHeads(file)
}

func printHeads(ctx context.Context, s *audit.Service, out io.Writer) error {
	heads, err := s.Heads(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if _, err := fmt.Fprintln(out, h); err != nil {
			return err
		}
	}
	return nil
}

func printReport(ctx context.Context, s *audit.Service, kept []audit.Head, out io.Writer) error {
	report, err := s.Verify(ctx, kept)
	if err != nil {
		return err
	}
	for _, f := range report.Flaws {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(out, "%d chains, %d entries sealed, %d not sealed yet\n", report.Chains, report.Sealed, report.Unsealed); err != nil {
		return err
	}
	if len(report.Flaws) > 0 {
		return errNotWhole
	}
	return nil
}
