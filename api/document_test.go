package api_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/app"
	"yanlu/internal/app/apptest"
)

type operationOfDocument = huma.Operation

type paramOfDocument = huma.Param

// bodyOf makes a body for an operation from the examples of its schema.
func (s *stage) bodyOf(op *huma.Operation) any {
	if op.RequestBody == nil {
		return nil
	}
	media, isJSON := op.RequestBody.Content["application/json"]
	if !isJSON {
		return nil // an upload: it is refused as no form, after it is known who asks
	}
	return example(s.API.OpenAPI().Components.Schemas, media.Schema)
}

func example(r huma.Registry, schema *huma.Schema) any {
	if schema.Ref != "" {
		schema = r.SchemaFromRef(schema.Ref)
	}
	switch {
	case len(schema.Examples) > 0:
		return schema.Examples[0]
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	}
	switch schema.Type {
	case huma.TypeObject:
		object := map[string]any{}
		for name, property := range schema.Properties {
			if slices.Contains(schema.Required, name) {
				object[name] = example(r, property)
			}
		}
		return object
	case huma.TypeArray:
		return []any{example(r, schema.Items)}
	case huma.TypeBoolean:
		return true
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	}
	if schema.Format == "uuid" {
		return "00000000-0000-7000-8000-000000000000"
	}
	return "示例"
}

// TestEveryActHasAKey holds that whatever changes something, beside logging in
// and binding, can be sent twice. A preview changes nothing.
func TestEveryActHasAKey(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	without := []string{"session.login", "desk.open", "desk.confirm", "desk.refuse", "desk.redeem", "binding.phone", "binding.invitation", "holiday.preview", "suggestion.preview_sheet", "opinion.preview_sheet", "proposal.preview_sheet", "proposal.check", "assignment.preview_sheet", "roster.preview"}
	for path, item := range w.API.OpenAPI().Paths {
		if item.Post == nil {
			continue
		}
		keyed := slices.ContainsFunc(item.Post.Parameters, func(p *huma.Param) bool {
			return p.In == "header" && p.Name == "Idempotency-Key" && p.Required
		})
		if keyed == slices.Contains(without, item.Post.OperationID) {
			t.Errorf("POST %s: takes a key: %v", path, keyed)
		}
		if !keyed {
			continue
		}
		a := w.Send(apptest.Call{
			Method: http.MethodPost, Path: strings.ReplaceAll(path, "{id}", w.Person(apptest.Subject).ID), Key: "-", Token: w.Token(apptest.Staff), Body: map[string]any{},
		})
		if a.Code() != "request.no_key" && a.Code() != "request.forbidden" {
			t.Errorf("POST %s without a key: %d %s", path, a.Status, a.Code())
		}
	}
}

// TestEveryFlowHasItsRoutes holds that no action of a table is without a route.
func TestEveryFlowHasItsRoutes(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	ids := map[string]bool{}
	for _, item := range w.API.OpenAPI().Paths {
		if item.Post != nil {
			ids[item.Post.OperationID] = true
		}
	}
	for _, flow := range w.API.Flows() {
		for _, r := range flow.Rules {
			if id := flow.Name + "." + r.Action; len(r.Who) > 0 && !ids[id] {
				t.Errorf("%s has no route", id)
			}
		}
	}
}

// TestWhatIsGeneratedIsCurrent holds that the document, the catalogue of codes
// and the diagrams are what the code says.
func TestWhatIsGeneratedIsCurrent(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := app.Run(t.Context(), []string{"openapi", "--docs", folder}, nil, &strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api/openapi.yaml", "docs/errors.md", "docs/flows.md", "docs/authorisation.md"} {
		want, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not current: run go generate ./api (%v)", name, err)
		}
	}
}

// fieldSeen is a field of a form; where it is a list of rows, with those of each.
type fieldSeen struct {
	Name, Label, Widget, Options string
	By, Unless                   string
	Fields                       []fieldSeen
	When                         *struct {
		Field  string
		Values []string
	}
}

// TestFormsComeOnce holds that the forms are fetched once and kept by ETag, and
// that every list of options that a field names is there.
func TestFormsComeOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	a := w.Get(apptest.Author, "/v1/forms")
	var forms struct {
		Forms []struct {
			Flow, Action string
			Fields       []fieldSeen
		}
		Options map[string][]struct{ Value, Label string }
		Sheets  map[string][]string
	}
	a.Into(t, http.StatusOK, &forms)
	for _, f := range forms.Forms {
		for _, field := range f.Fields {
			for _, x := range append([]fieldSeen{field}, field.Fields...) {
				if x.Label == "" || x.Widget == "" || (x.Widget == "rows") != (len(x.Fields) > 0) {
					t.Errorf("%s.%s: field %s has no label, no widget, or no fields of its rows", f.Flow, f.Action, x.Name)
				}
				if x.Options != "" && !slices.Contains([]string{"units", "leading_units", "bodies_opinion", "outcomes", "members", "matters", "colleagues", "collections"}, x.Options) && len(forms.Options[x.Options]) == 0 {
					t.Errorf("%s.%s: field %s chooses from the unknown list %q", f.Flow, f.Action, x.Name, x.Options)
				}
			}
			for _, other := range []string{field.By, field.Unless} {
				if other != "" && !slices.ContainsFunc(f.Fields, func(x fieldSeen) bool { return x.Name == other && x.Options != "" }) {
					t.Errorf("%s.%s: the list of field %s goes by %q, which chooses from none", f.Flow, f.Action, field.Name, other)
				}
			}
			if field.When == nil {
				continue
			}
			var choices []string
			for _, other := range f.Fields {
				if other.Name == field.When.Field {
					for _, o := range forms.Options[other.Options] {
						choices = append(choices, o.Value)
					}
				}
			}
			for _, v := range field.When.Values {
				if !slices.Contains(choices, v) {
					t.Errorf("%s.%s: field %s waits for %s to be %q, which cannot be chosen", f.Flow, f.Action, field.Name, field.When.Field, v)
				}
			}
		}
	}
	for _, list := range []string{"states_suggestion", "states_opinion", "states_proposal", "roles", "unit_words", "periods"} {
		if len(forms.Options[list]) == 0 {
			t.Errorf("the list %q is empty", list)
		}
	}
	for _, flow := range []string{"suggestion", "opinion", "proposal", "assignment"} {
		if len(forms.Sheets[flow]) == 0 {
			t.Errorf("%s names no action for spreadsheets", flow)
		}
		for _, action := range forms.Sheets[flow] {
			if x := w.Get(apptest.Staff, "/v1/"+flow+"s/sheets/"+action); x.Status != http.StatusOK {
				t.Errorf("the sheet for %s.%s: %d %s", flow, action, x.Status, x.Body)
			}
		}
	}
	packed := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/forms", nil)
	r.Header.Set("Authorization", "Bearer "+w.Token(apptest.Author))
	r.Header.Set("Accept-Encoding", "gzip")
	w.API.ServeHTTP(packed, r)
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len()*5 > len(a.Body) {
		t.Errorf("compressed %q, %d bytes of %d", packed.Header().Get("Content-Encoding"), packed.Body.Len(), len(a.Body))
	}
	again := w.Send(apptest.Call{Method: http.MethodGet, Path: "/v1/forms", Token: w.Token(apptest.Author), Header: http.Header{"If-None-Match": a.Header["Etag"]}})
	if again.Status != http.StatusNotModified || len(again.Body) > 0 {
		t.Errorf("again: %d %s", again.Status, again.Body)
	}
}
