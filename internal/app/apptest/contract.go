package apptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"yanlu/api"
)

// contract checks answers against the OpenAPI document, with a validator that
// is not Huma's.
type contract struct {
	document *huma.OpenAPI
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	schemas  map[string]*jsonschema.Schema
}

// contracts are those of the worlds of a test program, by what stands in their
// documents. To read one takes longer than most tests, and nearly all are the same.
var contracts = struct {
	sync.Mutex
	of map[string]*contract
}{of: map[string]*contract{}}

func contractOf(t testing.TB, a *api.API) *contract {
	t.Helper()
	contracts.Lock()
	defer contracts.Unlock()
	names := namesIn(a.OpenAPI())
	if c, ok := contracts.of[names]; ok {
		return c
	}
	raw, err := json.Marshal(a.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{document: a.OpenAPI(), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	contracts.of[names] = c
	return c
}

// namesIn tells documents of one program apart: they differ in the kinds that there
// are, and so in their operations and schemas.
func namesIn(document *huma.OpenAPI) string {
	names := slices.Collect(maps.Keys(document.Components.Schemas.Map()))
	for _, item := range document.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				names = append(names, op.OperationID)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// check fails the test where an answer of /v1 is not promised: its operation,
// its status, its content type, its code, or its body.
func (c *contract) check(t testing.TB, r *http.Request, a Answer) {
	t.Helper()
	if err := c.holds(r, a); err != nil {
		t.Errorf("%s %s answers against the document: %v\n%s", r.Method, r.URL.Path, err, a.Body)
	}
}

func (c *contract) holds(r *http.Request, a Answer) error {
	if strings.HasPrefix(r.URL.Path, "/v1/files/") && (a.Status < http.StatusBadRequest || a.Status == http.StatusRequestedRangeNotSatisfiable) {
		return nil // what was uploaded, not an answer of an operation
	}
	path, op := c.operation(r)
	if op == nil {
		if a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed || !strings.HasPrefix(r.URL.Path, "/v1/") {
			return nil
		}
		return fmt.Errorf("no such operation, but status %d", a.Status)
	}
	status := fmt.Sprint(a.Status)
	promised, ok := op.Responses[status]
	if !ok {
		return fmt.Errorf("status %s is not promised", status)
	}
	if codes, ok := promised.Extensions["x-codes"].([]string); ok && !slices.Contains(codes, a.Code()) {
		return fmt.Errorf("code %q is not promised for %s, but %v", a.Code(), status, codes)
	}
	if len(promised.Content) == 0 {
		if len(a.Body) > 0 {
			return fmt.Errorf("a body is not promised for %s", status)
		}
		return nil
	}
	contentType, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	if promised.Content[contentType] == nil {
		return fmt.Errorf("content type %s is not promised for %s", contentType, status)
	}
	if !strings.HasSuffix(contentType, "json") {
		return nil // a file
	}
	schema, err := c.schema(path, strings.ToLower(r.Method), status, contentType)
	if err != nil {
		return err
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.Body))
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return schema.Validate(body)
}

func (c *contract) schema(path, method, status, contentType string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace
	at := fmt.Sprintf("openapi.json#/paths/%s/%s/responses/%s/content/%s/schema", escape(path), method, status, escape(contentType))
	if s, ok := c.schemas[at]; ok {
		return s, nil
	}
	s, err := c.compiler.Compile(at)
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", at, err)
	}
	c.schemas[at] = s
	return s, nil
}

// operation finds the operation of a request: a literal segment before a
// parameter.
func (c *contract) operation(r *http.Request) (string, *huma.Operation) {
	best, bestPath := (*huma.Operation)(nil), ""
	for path, item := range c.document.Paths {
		op := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post}[r.Method]
		if op == nil || !matches(path, r.URL.Path) {
			continue
		}
		if best == nil || nearer(path, bestPath) {
			best, bestPath = op, path
		}
	}
	return bestPath, best
}

// nearer reports whether a template is chosen before another that matches as well,
// as the router does it: for each part of the path, a word comes before a
// parameter.
func nearer(template, other string) bool {
	one, two := strings.Split(template, "/"), strings.Split(other, "/")
	for i := range one {
		if a, b := strings.HasPrefix(one[i], "{"), strings.HasPrefix(two[i], "{"); a != b {
			return b
		}
	}
	return false
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}
