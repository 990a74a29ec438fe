package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// dump returns all rows of all tables of a world as text: the name of the table
// and the column, and what is in it.
func dump(w *apptest.World) []string {
	w.T.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if w.DB.Postgres() {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	}
	var tables, lines []string
	if err := w.DB.Gorm(w.T.Context()).Raw(query).Scan(&tables).Error; err != nil {
		w.T.Fatal(err)
	}
	for _, table := range tables {
		lines = append(lines, dumpTable(w, table)...)
	}
	return lines
}

func dumpTable(w *apptest.World, table string) []string {
	w.T.Helper()
	rows, err := w.DB.Gorm(w.T.Context()).Raw("SELECT * FROM " + table).Rows()
	if err != nil {
		w.T.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		w.T.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.T.Fatal(err)
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			lines = append(lines, fmt.Sprintf("%s.%s: %v", table, columns[i], v))
		}
	}
	if err := rows.Err(); err != nil {
		w.T.Fatal(err)
	}
	return lines
}

// life is a whole run of a county, with whatever goes wrong in one.
type life struct {
	*apptest.World
	secrets map[string]string // by what they are: tokens, codes
}

func live(t *testing.T) *life {
	t.Helper()
	l := &life{World: apptest.New(t), secrets: map[string]string{}}
	post := func(token, path string, body any) apptest.Answer {
		return l.Send(apptest.Call{Method: http.MethodPost, Path: path, Token: token, Body: body})
	}
	person := func(name string) string { return "/v1/people/" + l.Person(name).ID }

	code := l.Sim.LoginCode(l.OpenID(apptest.Author))
	l.secrets["login code"] = code
	var session struct{ Token string }
	l.Sim.Fault(simulator.PathLogin, simulator.Fault{Code: -1, Message: "busy with " + code})
	post("", "/v1/login", map[string]any{"code": code}).Want(t, http.StatusServiceUnavailable)
	l.Sim.Fault(simulator.PathLogin, simulator.Fault{Code: 12345, Message: "unheard of " + code})
	post("", "/v1/login", map[string]any{"code": code}).Want(t, http.StatusInternalServerError)
	post("", "/v1/login", map[string]any{"code": code}).Into(t, http.StatusCreated, &session)
	l.secrets["token"] = session.Token
	phoneCode := l.Sim.PhoneCode(l.OpenID(apptest.Author), l.Phone(apptest.Author))
	l.secrets["phone code"] = phoneCode
	l.Sim.Fault(simulator.PathPhone, simulator.Fault{Code: -1, Message: "busy with " + phoneCode})
	post(session.Token, "/v1/bindings/phone", map[string]any{"code": phoneCode}).Want(t, http.StatusServiceUnavailable)
	post(session.Token, "/v1/bindings/phone", map[string]any{"code": phoneCode}).Want(t, http.StatusCreated)

	l.Post(apptest.Admin, person(apptest.CoAuthor)+"/phone", map[string]any{"phone": "13800000077"}).Want(t, http.StatusOK)
	l.Post(apptest.Admin, person(apptest.CoAuthor)+"/phone", map[string]any{"phone": l.Phone(apptest.Author)}).Want(t, http.StatusConflict)
	var invitation struct{ Code string }
	l.Post(apptest.Admin, person(apptest.CoAuthor)+"/invite", nil).Into(t, http.StatusOK, &invitation)
	l.secrets["invitation"] = invitation.Code
	post(session.Token, "/v1/bindings/invitation", map[string]any{"code": "ABCDEFGHJK"}).Want(t, http.StatusUnprocessableEntity)
	l.Post(apptest.Admin, person(apptest.Suspended)+"/suspend", nil).Want(t, http.StatusOK)
	l.Get(apptest.Admin, "/v1/people").Want(t, http.StatusOK)

	var s struct {
		ID      string
		Version int
	}
	post(session.Token, "/v1/suggestions", map[string]any{
		"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便。", "category": "CITY",
	}).Into(t, http.StatusCreated, &s)
	l.Post(apptest.Staff, "/v1/suggestions/"+s.ID+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"}).Into(t, http.StatusOK, &s)
	l.Post(apptest.Staff, "/v1/suggestions/"+s.ID+"/dispatch", map[string]any{"version": s.Version, "lead_unit_id": l.Units[0].ID}).Want(t, http.StatusOK)
	var q struct {
		Items []struct {
			AssignmentID string `json:"assignment_id"`
		}
	}
	l.Get(apptest.LeadHandler, "/v1/work").Into(t, http.StatusOK, &q)
	assignment := "/v1/assignments/" + q.Items[0].AssignmentID
	l.Post(apptest.LeadHandler, assignment+"/sign_for", map[string]any{
		"version": 1, "handler_name": apptest.LeadHandler, "handler_phone": "13800000066",
	}).Want(t, http.StatusOK)
	l.Post(apptest.LeadHandler, assignment+"/reply", map[string]any{
		"version": 2, "outcome": "A", "body": "路灯已于本周修复。", "contact_name": apptest.LeadHandler, "contact_phone": "13800000055", "way": "PHONE",
	}).Want(t, http.StatusOK)
	l.Post(apptest.Staff, assignment+"/pass", map[string]any{"version": 3}).Want(t, http.StatusOK)
	l.Sim.Fault(simulator.PathSend, simulator.Fault{Code: -1})
	if _, err := l.Dispatcher.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// names are those of everybody in the county.
var names = []string{
	apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.Suspended, apptest.Staff, apptest.ProposalStaff, apptest.Leader, apptest.LeadHandler, apptest.Admin,
}

// TestTheLogKnowsNobody holds that the log of a whole run, failures included,
// has no number, name, token or code.
func TestTheLogKnowsNobody(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.Write(func(tx *store.Tx) error { tx.Exec("ALTER TABLE audit_entries RENAME TO gone"); return nil })
	l.Post(apptest.Admin, "/v1/people/"+l.Person(apptest.OtherMember).ID+"/phone", map[string]any{"phone": "13800000088"}).Want(t, http.StatusInternalServerError)
	log := l.Log.String()
	if strings.Count(log, "level=ERROR") < 4 {
		t.Errorf("the failures of this run are not in the log:\n%s", log)
	}
	for _, name := range names {
		if strings.Contains(log, name) {
			t.Errorf("the log has the name %s", name)
		}
	}
	for what, secret := range l.secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log has the %s", what)
		}
	}
	for _, part := range []string{"138000", "1380000", "Bearer", "openid-", "路灯"} {
		if strings.Contains(log, part) {
			t.Errorf("the log has %q:\n%s", part, log)
		}
	}
}

// TestNoColumnHasAClearNumberOrSecret holds it of every column of every table,
// the answers that are kept among them.
func TestNoColumnHasAClearNumberOrSecret(t *testing.T) {
	t.Parallel()
	l := live(t)
	lines := dump(l.World)
	if len(lines) < 500 {
		t.Fatalf("only %d values", len(lines))
	}
	seen := map[string]bool{}
	for _, line := range lines {
		column, _, _ := strings.Cut(line, ":")
		seen[column] = true
		if strings.Contains(line, "1380000") {
			t.Errorf("a clear number: %s", line)
		}
		for what, secret := range l.secrets {
			if strings.Contains(line, secret) {
				t.Errorf("a clear %s: %s", what, line)
			}
		}
	}
	for _, column := range []string{"people.phone_sealed", "assignments.handler_phone_sealed", "replies.contact_phone_sealed", "idempotency.response", "sessions.token_hash"} {
		if !seen[column] {
			t.Errorf("the run fills no %s", column)
		}
	}
}

// TestNoNumberIsFoundByTrying holds that no column has the plain hash of a body
// with a number in it, nor of the number: there are few enough of them to try.
func TestNoNumberIsFoundByTrying(t *testing.T) {
	t.Parallel()
	l := live(t)
	all := strings.Join(dump(l.World), "\n")
	for _, text := range []string{`{"phone":"13800000077"}`, "13800000077"} {
		sum := sha256.Sum256([]byte(text))
		if strings.Contains(all, hex.EncodeToString(sum[:])) {
			t.Errorf("the plain SHA-256 of %s is kept", text)
		}
	}
}

// TestTheAuditHasIdentifiersOnly holds that its columns name nobody.
func TestTheAuditHasIdentifiersOnly(t *testing.T) {
	t.Parallel()
	l := live(t)
	lines := dumpTable(l.World, "audit_entries")
	if len(lines) == 0 {
		t.Fatal("nothing is audited")
	}
	for _, line := range lines {
		for _, name := range append(names, "1380000", "欧阳", "言城县") {
			if strings.Contains(line, name) {
				t.Errorf("the audit has %s: %s", name, line)
			}
		}
	}
}
