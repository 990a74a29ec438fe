package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// formsSeen is what GET /v1/forms answers, as far as these tests look.
type formsSeen struct {
	Forms []struct {
		Flow, Action string
		Fields       []fieldSeen
	}
}

func (f formsSeen) fieldsOf(flow, action string) []fieldSeen {
	for _, x := range f.Forms {
		if x.Flow == flow && x.Action == action {
			return x.Fields
		}
	}
	return nil
}

func formsOf(w *apptest.World) formsSeen {
	w.T.Helper()
	var forms formsSeen
	w.Get(apptest.Author, "/v1/forms").Into(w.T, http.StatusOK, &forms)
	return forms
}

func namesOf(fields []fieldSeen) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// filled is what the client puts into a form from what it reads of a matter
// (miniprogram/src/forms/form.ts): by the names of the fields, a report's text from
// where it stands, and co-authors, files and the higher body's collection from theirs.
func filled(fields []fieldSeen, view map[string]any) map[string]any {
	from := map[string]any{}
	if text, ok := view["text"].(map[string]any); ok {
		maps.Copy(from, text)
	}
	maps.Copy(from, view)
	delete(from, "collection_id")
	if upper, ok := view["upper"].(map[string]any); ok {
		from["collection_id"] = upper["collection_id"]
	}
	co, files := []any{}, []any{}
	for _, a := range view["authors"].([]any) {
		if a := a.(map[string]any); a["role"] == "CO" {
			co = append(co, a["person_id"])
		}
	}
	for _, a := range view["attachments"].([]any) {
		files = append(files, a.(map[string]any)["id"])
	}
	from["co_author_ids"] = co
	values := map[string]any{}
	for _, f := range fields {
		v, ok := from[f.Name]
		if f.Widget == "files" || f.Widget == "pictures" {
			v, ok = files, true
		}
		if ok && v != "" { // what is not filled in is not sent
			values[f.Name] = v
		}
	}
	for _, name := range []string{"latitude", "longitude"} {
		if v, ok := from[name]; ok {
			values[name] = v
		}
	}
	return values
}

// decoded is a value as it comes out of JSON.
func decoded(t *testing.T, v any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestADraftGoesOnElsewhere: of every kind, a draft in which each field of the form is
// filled in says the same after it was read and saved again, as on another device. A
// field that is new to a form must be set here, and come back.
func TestADraftGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	forms := formsOf(w)
	var studio, party institution.Unit
	w.Write(func(tx *store.Tx) error {
		studio = institution.AddUnit(tx, w.Clock.Now(), w.County.ID, "古丽工作室", institution.Studio)
		party = institution.AddUnit(tx, w.Clock.Now(), w.County.ID, "民盟言城县支部", institution.Party)
		member.Appoint(tx, w.Clock.Now(), w.Person(apptest.Author), member.UnitHandler, studio.ID)
		return nil
	})
	picture := func(name string) []string {
		return []string{w.Uploaded(apptest.Author, name+".png", attachmenttest.PNG(8, 8))}
	}
	both := []string{w.Person(apptest.CoAuthor).ID, w.Person(apptest.OtherMember).ID}
	samples := map[string][]map[string]any{
		"suggestion": {{
			"title": "修复路灯", "body": "六盏路灯坏了", "category": "CITY", "place": "人民路中段", "latitude": 43.8, "longitude": 87.6, "co_author_ids": both, "pictures": picture("路灯"),
		}},
		"opinion": {{
			"title": "改善取药", "situation": "药品不全", "analysis": "配送周期长", "advice": "巡诊送药", "category": "HEALTH", "urgency": "URGENT", "confidentiality": "PUBLIC",
			"co_author_ids": both, "pictures": picture("卫生室"), "body_kind": "STUDIO", "body_unit_id": studio.ID,
		}, {
			"title": "改善取药", "body_kind": "SECTOR", "body_name": "农业界",
		}},
		"proposal": {{
			"title": "改善公交", "situation": "一天四班", "analysis": "没有衔接", "advice": "统一排班", "category": "TRAFFIC", "public": true, "units_wish": "县交通运输局",
			"proposer": "PARTY", "body_name": party.Name, "seal": picture("盖章"), "co_author_ids": both, "collection_id": upperCollection(w),
		}},
	}
	for _, h := range w.Matters.Heads() {
		kind := string(h.Kind)
		fields := forms.fieldsOf(kind, "save")
		for _, action := range []string{"submit", "draft", "send"} {
			// For whom a liaison hands in is settled when the draft begins.
			names := slices.DeleteFunc(namesOf(forms.fieldsOf(kind, action)), func(name string) bool { return name == "on_behalf_of" })
			if !slices.Equal(names, namesOf(fields)) {
				t.Errorf("%s.%s asks for %v, and saving a draft for %v", kind, action, names, namesOf(fields))
			}
		}
		set := map[string]bool{}
		for i, sample := range samples[kind] {
			want := decoded(t, sample)
			for name := range want {
				set[name] = true
			}
			var s state
			w.Post(apptest.Author, "/v1/"+kind+"s/drafts", sample).Into(t, http.StatusCreated, &s)
			base := "/v1/" + kind + "s/" + s.ID
			for _, step := range []string{"begun", "saved"} {
				var view map[string]any
				w.Get(apptest.Author, base).Into(t, http.StatusOK, &view)
				got := filled(fields, view)
				for name, v := range want {
					if !reflect.DeepEqual(got[name], v) {
						t.Errorf("%s %d, %s: %s is filled with %v, want %v", kind, i+1, step, name, got[name], v)
					}
				}
				got["version"] = view["version"]
				w.Post(apptest.Author, base+"/save", got).Want(t, http.StatusOK)
			}
		}
		for _, f := range fields {
			if !set[f.Name] {
				t.Errorf("no draft of a %s here has the field %s", kind, f.Name)
			}
		}
	}
}

// inWhoseName tells in which state a report is, and of which body.
func inWhoseName(w *apptest.World, id string) string {
	w.T.Helper()
	v := seeOpinion(w, apptest.Staff, id)
	return fmt.Sprint(v.Status, " ", v.Authors[0].Body)
}

// TestAReportIsOfWhomItSays: whose a report is may change until it is handed in, and
// when it was returned; each time by whoever stands for the body.
func TestAReportIsOfWhomItSays(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	unit := map[string]any{"body_kind": "UNIT", "body_unit_id": w.Units[0].ID}
	sector := map[string]any{"body_kind": "SECTOR", "body_name": "农业界"}
	draft := func(name string, more map[string]any) string {
		var s state
		w.Post(name, "/v1/opinions/drafts", report("关于改善取药的建议", more)).Into(t, http.StatusCreated, &s)
		return s.ID
	}
	with := func(more map[string]any) map[string]any { return report("关于改善取药的建议", more) }
	is := func(id, want string) {
		t.Helper()
		if got := inWhoseName(w, id); got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	}

	// The body is chosen after the draft was kept, and sent with it.
	id := draft(apptest.Author, nil)
	does(w, apptest.Author, id, "save", with(map[string]any{"body_kind": "SECTOR"})) // which one is not said yet
	does(w, apptest.Author, id, "save", with(sector))
	does(w, apptest.Author, id, "save", with(map[string]any{"body_kind": "SECTOR"}))
	does(w, apptest.Author, id, "send", with(sector))
	is(id, "SUBMITTED 农业界")
	// After it was returned it may be the author's own, and the sector's again.
	for _, more := range []map[string]any{nil, sector} {
		does(w, apptest.Staff, id, "return", map[string]any{"reason": "请补充人数。"})
		does(w, apptest.Author, id, "send", with(more))
	}
	is(id, "SUBMITTED 农业界")

	// A body that is not theirs is nobody's to write in, whenever it is said.
	for _, action := range []string{"save", "send"} {
		id := draft(apptest.Author, nil)
		refuses(w, apptest.Author, id, action, with(unit), "opinion.behalf")
		refuses(w, apptest.Author, id, action, with(map[string]any{"body_kind": "SECTOR", "body_name": "经济界"}), "opinion.behalf")
		refuses(w, apptest.Author, id, action, with(map[string]any{"body_kind": "STUDIO", "body_name": "没有的工作室"}), "matter.body")
	}
	refuses(w, apptest.Author, draft(apptest.Author, nil), "send", with(map[string]any{"body_kind": "SECTOR"}), "opinion.behalf")

	// Who writes for a unit alone does not make it their own.
	id = draft(apptest.LeadHandler, unit)
	refuses(w, apptest.LeadHandler, id, "save", with(nil), "matter.not_yours")
	refuses(w, apptest.LeadHandler, id, "send", with(nil), "matter.not_yours")
	does(w, apptest.LeadHandler, id, "send", with(unit))
	is(id, "SUBMITTED 言城县水利局")

	// Who has left the unit sends no draft of it, but mends what was handed in.
	left := draft(apptest.LeadHandler, unit)
	does(w, apptest.Staff, id, "return", map[string]any{"reason": "请补充人数。"})
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET role = ?, unit_id = NULL WHERE person_id = ?", member.InfoOfficer, w.Person(apptest.LeadHandler).ID)
		return nil
	})
	refuses(w, apptest.LeadHandler, left, "send", with(unit), "opinion.behalf")
	does(w, apptest.LeadHandler, id, "send", with(unit))
	is(id, "SUBMITTED 言城县水利局")

	// What a lower institution wrote on paper stays its own.
	paper := map[string]any{"date": "2026-03-03"}
	lower := handIn(w, apptest.Staff, map[string]any{"body_kind": "INSTITUTION", "body_name": "政协言城县城关镇委员会", "paper": paper}).ID
	does(w, apptest.Staff, lower, "return", map[string]any{"reason": "请补充人数。"})
	does(w, apptest.Staff, lower, "send", with(map[string]any{"paper": paper}))
	is(lower, "SUBMITTED 政协言城县城关镇委员会")
}

// TestAProposalGoesWhereItsDraftSays: to which body a proposal goes is chosen while it
// is a draft, and what was returned stays where it was.
func TestAProposalGoesWhereItsDraftSays(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var s state
	w.Post(apptest.Author, "/v1/proposals/drafts", motion("关于跨县公交的建议", nil)).Into(t, http.StatusCreated, &s)
	take := func(name, action, want string, more map[string]any) {
		t.Helper()
		if s := act(w, name, proposals+s.ID+"/"+action, versioned(w, s.ID, more)); s.Status != want {
			t.Errorf("after %s it is %s, want %s", action, s.Status, want)
		}
	}
	above := map[string]any{"collection_id": upperCollection(w)}
	take(apptest.Author, "save", "DRAFT", motion("关于跨县公交的建议", above))
	take(apptest.Author, "save", "DRAFT", motion("关于跨县公交的建议", nil))
	take(apptest.Author, "send", "GATHERED", motion("关于跨县公交的建议", above))
	take(apptest.Staff, "return", "RETURNED", map[string]any{"reason": "请写明线路。"})
	take(apptest.Author, "send", "GATHERED", motion("关于跨县公交的建议", nil))
}

// TestBodiesAreThoseOneHandsInFor: of the units that the form offers, each is one for
// which the asker hands in, and no other is; staff, who record paper, choose any.
func TestBodiesAreThoseOneHandsInFor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	names, units := addCast(w)
	units = append(slices.Clone(w.Units), units...)
	offered := 0
	for _, name := range append(names, apptest.Author, apptest.LeadHandler, apptest.Admin, apptest.ForeignMember) {
		var told struct{ own, any []string }
		for _, h := range meOf(w, name).Identity.HandsIn {
			if h.Kind == "opinion" && !h.OnPaper {
				for _, b := range h.Bodies {
					told.own = append(told.own, b.UnitID)
				}
				for _, k := range h.AnyBody {
					told.any = append(told.any, string(k))
				}
			}
		}
		staff := slices.Contains([]string{"只是INFO_STAFF", "只是PROPOSAL_STAFF", "只是MEMBER_WORK_STAFF", "只是PROPOSAL_CHAIR"}, name) // of a small office
		for _, u := range units {
			kind := string(bodyKindOf(u.Kind))
			open := !strings.Contains(u.Name, "已撤销")
			want := open && (staff || slices.Contains(told.own, u.ID) || slices.Contains(told.any, kind))
			if got := slices.Contains(bodiesOf(w, name, "opinion", kind, "").ids(), u.ID); got != want {
				t.Errorf("%s is offered %s as %s: %t, want %t", name, u.Name, kind, got, want)
			} else if got {
				offered++
			}
		}
	}
	if offered < 20 {
		t.Errorf("only %d were offered", offered)
	}
	if got := bodiesOf(w, "只是STUDIO_LIAISON", "opinion", "STUDIO", "言城县委员"); len(got.Items) != 1 {
		t.Errorf("by the beginning of its name a studio is %+v", got)
	}
	if got := bodiesOf(w, "只是STUDIO_LIAISON", "opinion", "STUDIO", "没有"); len(got.Items) != 0 {
		t.Errorf("by another name a studio is %+v", got)
	}
	for kind, want := range map[string]int{"PARTY": 1, "UNIT": 0} { // any member proposes under a seal
		if got := bodiesOf(w, apptest.Author, "proposal", kind, ""); len(got.Items) != want {
			t.Errorf("for a proposal as %s there is %+v", kind, got)
		}
	}
	if got := bodiesOf(w, "只是INFO_STAFF", "proposal", "UNIT", ""); len(got.Items) != 0 {
		t.Errorf("units that propose nothing: %+v", got)
	}
	if got := bodiesOf(w, apptest.Author, "suggestion", "UNIT", ""); len(got.Items) != 0 {
		t.Errorf("a suggestion is of members: %+v", got)
	}
	wantCode(t, w.Get(apptest.Author, "/v1/bodies?kind=nothing&body_kind=UNIT"), http.StatusUnprocessableEntity, "request.invalid")
	first := bodiesOf(w, "只是INFO_STAFF", "opinion", "UNIT", "&limit=2")
	if len(first.Items) != 2 || first.Next == "" {
		t.Fatalf("the first page is %+v", first)
	}
	if next := bodiesOf(w, "只是INFO_STAFF", "opinion", "UNIT", "&limit=2&after="+first.Next); len(next.Items) != 2 || next.Items[0].ID <= first.Items[1].ID {
		t.Errorf("the next page is %+v", next)
	}
}

type bodiesSeen struct {
	Items []struct{ ID, Name string }
	Next  string
}

func (b bodiesSeen) ids() []string {
	var ids []string
	for _, u := range b.Items {
		ids = append(ids, u.ID)
	}
	return ids
}

// bodiesOf lists the units for which somebody may hand in; more is a name, or the rest
// of the query.
func bodiesOf(w *apptest.World, name, kind, bodyKind, more string) bodiesSeen {
	w.T.Helper()
	if more != "" && !strings.HasPrefix(more, "&") {
		more = "&name=" + more
	}
	if !strings.Contains(more, "limit") {
		more += "&limit=100"
	}
	var b bodiesSeen
	w.Get(name, "/v1/bodies?kind="+kind+"&body_kind="+bodyKind+more).Into(w.T, http.StatusOK, &b)
	return b
}

// TestACommitteesStaffWorkForIt: they hand in for their committee, look into what it is
// to verify, and have it in their queue.
func TestACommitteesStaffWorkForIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	_, units := addCast(w)
	i := slices.IndexFunc(units, func(u institution.Unit) bool { return u.Kind == institution.Committee })
	name, committee := units[i].Name+"的人", units[i]
	if me := meOf(w, name).Identity; !me.Works || !me.Waits || len(me.HandsIn) != 2 {
		t.Errorf("they are told %+v", me)
	}
	if v := seeOpinion(w, name, handIn(w, name, map[string]any{"body_kind": "COMMITTEE", "body_unit_id": committee.ID}).ID); v.Authors[0].Body != committee.Name {
		t.Errorf("they hand in %+v", v.Authors)
	}
	seal := []string{w.Uploaded(name, "盖章.png", attachmenttest.PNG(8, 8))}
	propose(w, name, "关于改善城乡公交衔接的建议", map[string]any{"proposer": "COMMITTEE", "body_name": committee.Name, "seal": seal})
	id := handIn(w, apptest.Author, nil).ID
	does(w, apptest.Staff, id, "register", nil)
	does(w, apptest.Staff, id, "verify", map[string]any{"committee_id": committee.ID})
	wantSteps(w, name, map[string]int{"待核实": 1})
	if s := does(w, name, id, "record_findings", map[string]any{"findings": "走访三个村，情况属实。"}); s.Status != "EDITING" {
		t.Errorf("after their findings it is %s", s.Status)
	}
}
