package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"yanlu/api"
	"yanlu/internal/app/apptest"
	"yanlu/internal/seal"
	"yanlu/internal/store"
)

// problemBody is the body of a problem.
type problemBody struct {
	Type, Title, Code string
	Status            int
	Errors            []struct{ Field, Message string }
	RequestID         string `json:"request_id"`
}

func problemIn(t *testing.T, a apptest.Answer) problemBody {
	t.Helper()
	if got := a.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
		t.Errorf("content type %q: %s", got, a.Body)
	}
	var p problemBody
	if err := json.Unmarshal(a.Body, &p); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	if p.Status != a.Status || p.Type != "/docs/errors#"+p.Code || p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id") {
		t.Errorf("status %d, header %s, problem %+v", a.Status, a.Header.Get("X-Request-Id"), p)
	}
	for _, message := range append([]string{p.Title}, messagesOf(p)...) {
		if !strings.ContainsFunc(message, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s says %q, which is not Chinese", p.Code, message)
		}
	}
	return p
}

func messagesOf(p problemBody) []string {
	var messages []string
	for _, e := range p.Errors {
		messages = append(messages, e.Message)
	}
	return messages
}

// inHands brings a suggestion to a lead unit and a co-unit, and returns it with
// their assignments.
func inHands(w *apptest.World) (s state, lead, co string) {
	w.T.Helper()
	return handOut(w, submit(w, apptest.Author))
}

// handOut accepts a suggestion and dispatches it to two units.
func handOut(w *apptest.World, s state) (_ state, lead, co string) {
	w.T.Helper()
	path := "/v1/suggestions/" + s.ID
	s = act(w, apptest.Staff, path+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"})
	s = act(w, apptest.Staff, path+"/dispatch", map[string]any{"version": s.Version, "lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}})
	for _, a := range look(w, apptest.Staff, s.ID).Assignments {
		if a.Role == "LEAD" {
			lead = a.ID
		} else {
			co = a.ID
		}
	}
	return s, lead, co
}

// everyCall returns a call of every operation of the document, with bodies that
// pass, each by somebody who may call it.
func everyCall(w *apptest.World) map[string]apptest.Call {
	w.T.Helper()
	s, lead, co := inHands(w)
	reported := handIn(w, apptest.Author, nil).ID
	calls, document := map[string]apptest.Call{}, w.API.OpenAPI()
	add := func(method, path string, op *operationOfDocument) {
		if op == nil {
			return
		}
		c := apptest.Call{Method: method, Token: w.Token(apptest.Staff), Key: uuid.NewString()}
		id := s.ID
		switch {
		case strings.Contains(path, "/sheets/{action}"):
			action := "urge"
			if !strings.HasPrefix(path, "/v1/assignments") {
				action = "take"
			}
			path = strings.Replace(path, "{action}", action, 1)
			if method == http.MethodPost {
				c.Body = map[string]any{"attachment_id": w.Uploaded(apptest.Staff, "a.csv", []byte("编号或标题,承办单位\n2026年第1号,县水利局\n")), "digest": "AA"}
			}
			if strings.HasSuffix(path, "/preview") {
				delete(c.Body.(map[string]any), "digest")
			}
		case strings.HasPrefix(path, "/v1/assignments/{id}/give_opinion"):
			id, c.Token = co, w.Token(apptest.CoHandler)
		case strings.HasPrefix(path, "/v1/assignments/"):
			id, c.Token = lead, w.Token(apptest.LeadHandler)
		case op.OperationID == "setting.set":
			var settings struct {
				Items []struct {
					Name    string
					Default any
				}
			}
			w.Get(apptest.Staff, "/v1/settings").Into(w.T, http.StatusOK, &settings)
			if len(settings.Items) == 0 {
				return // nothing to set yet
			}
			c.Body = map[string]any{"name": settings.Items[0].Name, "value": settings.Items[0].Default}
		case op.OperationID == "opinion.bulk_sign":
			c.Token = w.Token(apptest.Leader)
		case op.OperationID == "work.reassign":
			c.Body = map[string]any{"from": w.Person(apptest.Staff).ID, "to": w.Person(apptest.ProposalStaff).ID}
		case op.OperationID == "account.invite":
			id, c.Token = w.Person(apptest.CoAuthor).ID, w.Token(apptest.Admin)
		case strings.HasPrefix(path, "/v1/people"):
			id, c.Token = w.Person(apptest.Author).ID, w.Token(apptest.Admin)
		case op.OperationID == "invitation.create":
			c.Body = map[string]any{"role": "MEMBER"}
		case path == "/v1/audit":
			c.Token = w.Token(apptest.Admin)
		case strings.HasPrefix(path, "/v1/opinions/{id}"):
			id = reported
		case strings.HasPrefix(path, "/v1/proposals/{id}"):
			id = propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil).ID
		case path == "/v1/proposals", path == "/v1/proposals/drafts":
			c.Token, c.Body = w.Token(apptest.Author), motion("关于改善城乡公交衔接的建议", nil)
		case path == "/v1/collections" && method == http.MethodPost:
			c.Body = map[string]any{"session": 4, "opens": "2027-01-20", "deadline": "2027-01-21T18:00:00+08:00"}
		case path == "/v1/suggestions", path == "/v1/suggestions/drafts", path == "/v1/opinions", path == "/v1/opinions/drafts":
			c.Token = w.Token(apptest.Author)
		case op.OperationID == "unit.bodies":
			path, c.Token = path+"?kind=opinion&body_kind=UNIT", w.Token(apptest.LeadHandler)
		case op.OperationID == "count.read":
			path += "?kind=suggestion"
		case op.OperationID == "inbox.read_many":
			c.Body = map[string]any{"up_to": id}
		case op.OperationID == "holiday.preview", op.OperationID == "holiday.confirm":
			c.Body = map[string]any{"days": []map[string]any{{"day": "2026-10-01", "kind": "HOLIDAY", "name": "国庆节"}}}
			if op.OperationID == "holiday.confirm" {
				c.Body.(map[string]any)["digest"] = strings.Repeat("0", 64)
			}
		case op.OperationID == "roster.preview", op.OperationID == "roster.confirm":
			c.Body = map[string]any{"attachment_id": w.Uploaded(apptest.Staff, "名册.csv", []byte("姓名\n甲一\n")), "kind": "MEMBERS", "digest": strings.Repeat("0", 64)}
			if op.OperationID == "roster.preview" {
				delete(c.Body.(map[string]any), "digest")
			}
		case op.OperationID == "binding.phone":
			c.Body = map[string]any{"code": w.Sim.PhoneCode(w.OpenID(apptest.Staff), "13900000000")}
		case strings.HasPrefix(path, "/v1/desk-logins/{id}"):
			id = newBrowser(w).open().ID
		case op.OperationID == "session.login":
			c.Token, c.Body = "", map[string]any{"code": w.Sim.LoginCode("somebody")}
		case path == "/v1/attachments":
			body, contentType := apptest.Form("a.csv", []byte("a,b\n"))
			c.Body, c.Header = body, http.Header{"Content-Type": {contentType}}
		}
		if op.RequestBody != nil && c.Body == nil {
			c.Body = example(document.Components.Schemas, op.RequestBody.Content["application/json"].Schema)
		}
		c.Path = strings.ReplaceAll(path, "{id}", id)
		calls[op.OperationID] = c
	}
	for path, item := range document.Paths {
		add(http.MethodGet, path, item.Get)
		add(http.MethodPost, path, item.Post)
	}
	return calls
}

// keyed lists the operations that are done once for each key: all of them keep
// their answer.
func keyed(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, item := range apptest.New(t).API.OpenAPI().Paths {
		if item.Post != nil && item.Post.OperationID != "setting.set" && slices.ContainsFunc(item.Post.Parameters, func(p *huma.Param) bool { return p.Name == "Idempotency-Key" }) {
			ids = append(ids, item.Post.OperationID)
		}
	}
	return ids
}

// causes are words that only a cause has.
var causes = []string{
	"SQL", "sql:", "no such", "relation", "database", "closed", "SELECT", "select ", "seal", ".go", "gorm", "constraint", "yanlu/", "attempt to", "rename",
}

// failsCleanly holds that a 500 shows no cause, and that the log has it once.
func failsCleanly(t *testing.T, w *apptest.World, name string, a apptest.Answer) {
	t.Helper()
	p := problemIn(t, a)
	if p.Code != "internal" || a.Status != http.StatusInternalServerError || len(p.Errors) != 0 {
		t.Errorf("%s: %d %s", name, a.Status, a.Body)
	}
	for _, cause := range causes {
		if strings.Contains(string(a.Body), cause) {
			t.Errorf("%s shows %q: %s", name, cause, a.Body)
		}
	}
	var lines []string
	for line := range strings.Lines(w.Log.String()) {
		if strings.Contains(line, p.RequestID) {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "level=ERROR") || !strings.Contains(lines[0], "error=") {
		t.Errorf("%s is in the log as %q", name, lines)
	}
}

// TestAFailureShowsNoCause breaks the database in every way that an operation
// may meet, and holds that each operation met one.
func TestAFailureShowsNoCause(t *testing.T) {
	t.Parallel()
	rename := func(tables ...string) func(w *apptest.World) {
		return func(w *apptest.World) {
			for _, table := range tables {
				w.Write(func(tx *store.Tx) error { tx.Exec("ALTER TABLE " + table + " RENAME TO gone_" + table); return nil })
			}
		}
	}
	breaks := map[string]struct {
		do func(w *apptest.World)
		by []string // operations that must fail by it; nil: all
	}{
		"no sessions":        {rename("sessions", "attempts"), nil},
		"no answers to keep": {rename("idempotency"), keyed(t)},
		"no institutions":    {rename("institutions"), []string{"about.read"}},
		"no attempts":        {rename("attempts"), []string{"session.login", "binding.phone", "binding.invitation"}},
		"no accounts":        {rename("accounts"), []string{"session.login", "binding.phone", "grant.report"}},
		"no audit":           {rename("audit_entries"), []string{"member.phone", "member.suspend", "member.restore", "account.invite", "account.unbind", "audit.list"}},
		"no matters": {rename("matters"), []string{
			"suggestion.list", "suggestion.read", "suggestion.submit", "suggestion.accept", "suggestion.reject", "suggestion.dispatch", "suggestion.rate", "opinion.list", "opinion.register", "proposal.list", "work.list",
			"work.invitations", "count.read", "suggestion.export", "opinion.export", "proposal.export",
		}},
		"no texts":       {rename("suggestions"), []string{"suggestion.read", "suggestion.submit"}},
		"no versions":    {rename("opinion_versions"), []string{"opinion.read", "opinion.submit", "opinion.draft", "opinion.versions", "opinion.difference"}},
		"no facts":       {rename("opinion_adoptions"), []string{"opinion.read"}},
		"no proposals":   {rename("proposals"), []string{"proposal.read", "proposal.submit", "proposal.draft", "proposal.number"}},
		"no handovers":   {rename("handovers"), []string{"handover.list", "handover.read", "handover.export"}},
		"no replies":     {rename("replies"), []string{"follow_up.list"}},
		"no collections": {rename("collections"), []string{"collection.list", "collection.create", "proposal.read", "proposal.submit"}},
		"no queue":       {rename("waiting"), []string{"work.list", "work.overdue", "work.count", "suggestion.submit"}},
		"no inbox":       {rename("inbox"), []string{"inbox.list", "inbox.count", "inbox.read"}},
		"no undelivered": {rename("undelivered"), []string{"undelivered.list", "undelivered.count", "undelivered.told", "undelivered.resend"}},
		"no grants":      {rename("grants"), []string{"template.list"}},
		"no settings":    {rename("settings"), []string{"setting.list", "outcome.list", "rank.list"}},
		"no holidays":    {rename("holidays"), []string{"holiday.list", "holiday.preview", "holiday.confirm", "suggestion.submit", "suggestion.list", "work.list"}},
		"no units":       {rename("units"), []string{"unit.list", "unit.read", "unit.bodies"}},
		"no divisions":   {rename("divisions"), []string{"sector.list", "group.list", "roster.export"}},
		"no terms":       {rename("terms"), []string{"term.list"}},
		"no phrases":     {rename("phrases"), []string{"phrase.list", "phrase.add", "phrase.change", "phrase.delete"}},
		"no roster":      {rename("appointments"), []string{"member.choose", "work.colleagues"}},
		"no attachments": {rename("attachments"), []string{"suggestion.preview_sheet", "opinion.preview_sheet", "proposal.preview_sheet", "assignment.preview_sheet", "suggestion.run_sheet", "roster.preview"}},
		"no uploads":     {rename("uploads"), []string{"attachment.upload"}},
		"no assignments": {rename("assignments"), []string{"assignment.sign_for", "suggestion.read"}},
		"no checks":      {rename("checks"), []string{"check.list", "check.decide", "suggestion.submit", "suggestion.read"}},
		"no invitations": {rename("invitations"), []string{"binding.invitation", "invitation.create", "invitation.list", "invitation.read", "invitation.revoke", "invitation.cards"}},
		"numbers that cannot be opened": {func(w *apptest.World) {
			w.Write(func(tx *store.Tx) error {
				tx.Exec("UPDATE people SET phone_sealed = ?", []byte("damaged-in-the-column"))
				return nil
			})
		}, []string{"member.list", "member.read"}},
	}
	// What asks nothing more than who calls.
	met := map[string]bool{"desk.read": true, "desk.confirm": true, "desk.refuse": true, "session.me": true, "session.list": true, "forms.list": true, "setting.set": true, "suggestion.sheet": true, "opinion.sheet": true, "proposal.sheet": true, "proposal.check": true, "assignment.sheet": true, "roster.template": true, "phrase.purposes": true}
	// What asks not even that; of desks Redis alone knows, see TestADeskSaysWhenRedisIsAway.
	stranger := []string{"about.read", "desk.open", "desk.redeem"}
	for _, id := range stranger {
		met[id] = true
	}
	for _, b := range breaks {
		for _, id := range b.by {
			met[id] = true
		}
	}
	for name, b := range breaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			calls := everyCall(w)
			for id := range calls {
				if !met[id] {
					t.Errorf("no break of this test makes %s fail by itself: add it to one", id)
				}
			}
			b.do(w)
			must := b.by
			if must == nil {
				must = slices.DeleteFunc(slices.Sorted(maps.Keys(calls)), func(id string) bool { return slices.Contains(stranger, id) })
			}
			for _, id := range must {
				c, ok := calls[id]
				if !ok {
					t.Errorf("there is no operation %s", id)
					continue
				}
				failsCleanly(t, w, id, w.Send(c))
			}
		})
	}
}

// bomb is a limiter that panics.
type bomb struct{ with any }

func (b bomb) Allow(context.Context, string, int) (bool, error) { panic(b.with) }

// TestAPanicIsAProblem holds that the cause of a panic is in the log, once, with
// the place where it was, and nowhere else.
func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	keeper, err := seal.New([]byte("an-encryption-key-of-32-bytes..."), []byte("a-look-up-key-of-32-bytes......."))
	if err != nil {
		t.Fatal(err)
	}
	broken, err := api.New(api.Parts{
		DB: w.DB, Keeper: keeper, Accounts: w.Accounts, People: w.People, Matters: w.Matters, Notify: w.Notify, Phrases: w.Phrases, Limiter: bomb{"canary-of-the-panic"}, Now: w.Now,
		Log: slog.New(slog.NewTextHandler(w.Log, nil)),
	}, api.Options{MaxBody: 1 << 20, RequestsPerMinute: 1})
	if err != nil {
		t.Fatal(err)
	}
	token := w.Login(apptest.Author)
	for _, r := range []*http.Request{
		httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/login", strings.NewReader(`{"code":"abc"}`)),
		httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/me", http.NoBody),
	} {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		before := w.Log.String()
		broken.ServeHTTP(rec, r)
		logged := strings.TrimPrefix(w.Log.String(), before)
		a := apptest.Answer{Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
		p := problemIn(t, a)
		if p.Code != "internal" || a.Status != http.StatusInternalServerError || strings.Contains(string(a.Body), "canary") {
			t.Errorf("%s answers %d %s", r.URL.Path, a.Status, a.Body)
		}
		if strings.Count(logged, "canary-of-the-panic") != 1 || strings.Count(logged, p.RequestID) != 1 || !strings.Contains(logged, "limit.go") {
			t.Errorf("%s is logged as %s", r.URL.Path, logged)
		}
		if strings.Contains(logged, token) {
			t.Error("the log has the token")
		}
	}
}

// TestWhatIsNotThereIsAProblem holds it of paths and methods.
func TestWhatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	tests := map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"a path":                       {http.MethodGet, "/v1/nothing", http.StatusNotFound, "request.no_route"},
		"a path outside of the API":    {http.MethodGet, "/wp-login.php", http.StatusNotFound, "request.no_route"},
		"the demo's people":            {http.MethodGet, "/demo/people", http.StatusNotFound, "request.no_route"},
		"an action":                    {http.MethodPost, "/v1/suggestions/" + uuid.NewString() + "/explode", http.StatusNotFound, "request.no_route"},
		"a method":                     {http.MethodDelete, "/v1/me", http.StatusMethodNotAllowed, "request.no_method"},
		"reading what is done":         {http.MethodGet, "/v1/login", http.StatusMethodNotAllowed, "request.no_method"},
		"a method that nobody knows":   {"EXPLODE", "/v1/me", http.StatusMethodNotAllowed, "request.no_method"},
		"a slash at the end of a path": {http.MethodGet, "/v1/me/", http.StatusNotFound, "request.no_route"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := w.Send(apptest.Call{Method: test.method, Path: test.path, Key: "-"})
			if a.Status != test.status {
				t.Fatalf("%d %v %s", a.Status, a.Header, a.Body)
			}
			if p := problemIn(t, a); p.Code != test.code {
				t.Errorf("code %s, want %s", p.Code, test.code)
			}
			if a.Status == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
				t.Error("no header Allow")
			}
		})
	}
}

// TestAParameterThatIsNotKnownIsRefused holds that a misspelt filter does not
// pass for none.
func TestAParameterThatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, path := range []string{"/v1/me?canary=1", "/v1/people?Limit=3", "/v1/suggestions?status=SUBMITTED&stauts=CLOSED", "/v1/inbox?limit=5&offset=10"} {
		a := w.Get(apptest.Admin, path).Want(t, http.StatusUnprocessableEntity)
		if p := problemIn(t, a); p.Code != "request.invalid" || len(p.Errors) != 1 {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
}

// TestNoRefusalRepeatsWhatWasTyped sends a canary, in every place where a value
// may stand, and holds that no 4xx has it and that all of them speak Chinese.
func TestNoRefusalRepeatsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const canary, chinese = "CANARY", "金丝雀"
	id := w.Person(apptest.Author).ID
	good := submission("修复人民路路灯")
	with := func(field string, value any) map[string]any {
		m := maps.Clone(good)
		m[field] = value
		return m
	}
	s := submit(w, apptest.Author)
	tests := []struct {
		by, method, path string
		body             any
	}{
		{apptest.Author, "POST", "/v1/suggestions", with("title", canary+strings.Repeat("长", 300))},
		{apptest.Author, "POST", "/v1/suggestions", with("title", map[string]any{"x": canary})},
		{apptest.Author, "POST", "/v1/suggestions", with("title", []any{canary})},
		{apptest.Author, "POST", "/v1/suggestions", with("body", chinese)},
		{apptest.Author, "POST", "/v1/suggestions", with("body", chinese+"\u202e"+canary)},
		{apptest.Author, "POST", "/v1/suggestions", with("category", canary+chinese)},
		{apptest.Author, "POST", "/v1/suggestions", with("latitude", chinese)},
		{apptest.Author, "POST", "/v1/suggestions", with("latitude", 4242424242)},
		{apptest.Author, "POST", "/v1/suggestions", with("latitude", json.RawMessage("1e4242"))},
		{apptest.Author, "POST", "/v1/suggestions", with("extra", canary)},
		{apptest.Author, "POST", "/v1/suggestions", map[string]any{}},
		{apptest.Author, "POST", "/v1/suggestions", canary},
		{apptest.Author, "POST", "/v1/suggestions", []any{canary}},
		{apptest.Author, "POST", "/v1/suggestions", 4242424242},
		{apptest.Author, "POST", "/v1/suggestions", []byte("null")},
		{apptest.Author, "POST", "/v1/suggestions", []byte(`"` + canary)},
		{apptest.Author, "POST", "/v1/suggestions", []byte(`{"title":"` + canary + `"} ` + canary)},
		{apptest.Staff, "POST", "/v1/suggestions/" + s.ID + "/accept", map[string]any{"version": canary, "route": chinese}},
		{apptest.Staff, "POST", "/v1/suggestions/" + s.ID + "/accept", map[string]any{"version": 1.4242424242, "route": "DIRECT_UNIT"}},
		{apptest.Staff, "POST", "/v1/suggestions/" + s.ID + "/accept", map[string]any{"version": json.RawMessage("4242424242424242424242"), "route": "DIRECT_UNIT"}},
		{apptest.Staff, "POST", "/v1/suggestions/" + s.ID + "/accept", map[string]any{"version": json.RawMessage("1e4242"), "route": "DIRECT_UNIT"}},
		{apptest.Staff, "POST", "/v1/suggestions/" + s.ID + "/accept", []byte(canary)},
		{apptest.Staff, "POST", "/v1/suggestions/" + s.ID + "/dispatch", map[string]any{"version": 1, "lead_unit_id": chinese + canary, "co_unit_ids": []any{canary, 7}}},
		{apptest.Staff, "POST", "/v1/suggestions/" + canary + "/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"}},
		{apptest.Admin, "POST", "/v1/people/" + id + "/phone", map[string]any{"phone": canary + chinese}},
		{apptest.Admin, "POST", "/v1/people/" + id + "/phone", map[string]any{"phone": 4242424242}},
		{apptest.Admin, "POST", "/v1/people/" + id + "/phone", map[string]any{"phone": canary + strings.Repeat("9", 100)}},
		{apptest.Admin, "POST", "/v1/people/" + chinese + canary + "/phone", map[string]any{"phone": "13800000099"}},
		{apptest.Admin, "GET", "/v1/people/" + canary, nil},
		{apptest.Admin, "GET", "/v1/people?limit=" + chinese + canary, nil},
		{apptest.Admin, "GET", "/v1/people?limit=4242424242", nil},
		{apptest.Admin, "GET", "/v1/people?after=" + chinese + canary, nil},
		{apptest.Admin, "GET", "/v1/people?after=" + strings.Repeat(canary, 100), nil},
		{apptest.Author, "GET", "/v1/suggestions?status=" + chinese + canary, nil},
		{apptest.Author, "GET", "/v1/work?after=" + canary, nil},
		{"", "POST", "/v1/login", map[string]any{"code": chinese + canary}},
		{"", "POST", "/v1/login", map[string]any{"code": strings.Repeat(canary, 100)}},
		{"", "POST", "/v1/login", map[string]any{"code": 4242424242}},
		{"", "POST", "/v1/login", map[string]any{"code": "x", "device": strings.Repeat(chinese, 100)}},
		{apptest.Author, "POST", "/v1/bindings/phone", map[string]any{"code": canary}},
		{apptest.Author, "POST", "/v1/bindings/invitation", map[string]any{"code": canary}},
		{apptest.Author, "POST", "/v1/bindings/" + canary + "/choose", nil},
		{apptest.Author, "POST", "/v1/grants", map[string]any{"consents": canary}},
		{apptest.Author, "POST", "/v1/grants", map[string]any{"consents": []any{map[string]any{"template_id": 4242424242, "accepted": canary}}}},
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%d %s %s", i, test.method, test.path), func(t *testing.T) {
			a := w.Send(apptest.Call{Method: test.method, Path: test.path, Body: test.body, Token: w.Token(test.by)})
			if a.Status < 400 || a.Status >= 500 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			problemIn(t, a)
			for _, typed := range []string{canary, chinese, "4242", "1e4"} {
				if strings.Contains(strings.ReplaceAll(string(a.Body), a.Header.Get("X-Request-Id"), ""), typed) {
					t.Errorf("%q is repeated: %s", typed, a.Body)
				}
			}
		})
	}
}
