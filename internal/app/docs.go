package app

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"yanlu/api"
	"yanlu/internal/attachment"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/phrase"
	"yanlu/internal/proposal"
	"yanlu/internal/safety"
	"yanlu/internal/suggestion"
)

// described builds the API without anything behind it: enough to describe it.
func described() (*api.API, error) {
	now := func() time.Time { return time.Time{} }
	n := notify.New(nil, nil, now)
	checks := safety.New(nil, nil, safety.Options{}, now)
	files := attachment.New(nil, nil, nil, attachment.Limits{}, now)
	m := matter.New(nil, n, files, now)
	tail := handling.New(nil, m, files, nil, now)
	suggestions := suggestion.New(m, files, tail, checks, now)
	proposals := proposal.New(nil, m, files, tail, n, checks, now)
	return api.New(api.Parts{
		Matters: m, Handling: tail, Suggestions: suggestions, Proposals: proposals, Phrases: phrase.New(nil, purposes(m), now), Notify: n, Checks: checks, Files: files, Now: now, Log: slog.New(slog.DiscardHandler),
	}, api.Options{Version: "v1"})
}

// writeDocs writes what is generated from the code below a folder.
func writeDocs(a *api.API, folder string) error {
	document, err := documentYAML(a)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"api/openapi.yaml": document, "docs/errors.md": []byte(a.ErrorsMarkdown()), "docs/flows.md": []byte(a.FlowsMarkdown()),
		"docs/authorisation.md": []byte(a.AuthorisationMarkdown()),
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // documents are for everybody
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
