package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

type personOf struct {
	ID, Name, Phone, Position, Sector, Group, Term string
	Former, Suspended                              bool
	Version                                        int64
	Appointments                                   []appointmentOf
}

type appointmentOf struct {
	ID, Role, Begins, Ends string
	UnitID                 string `json:"unit_id"`
	TermID                 string `json:"term_id"`
	Version                int64
}

type thing struct {
	ID, Name, Word, Kind, Label string
	Ended, Closed               bool
	Version                     int64
	FormerNames                 []struct{ Name string } `json:"former_names"`
}

func person(w *apptest.World, name string) personOf {
	w.T.Helper()
	var p personOf
	w.Get(apptest.Admin, "/v1/people/"+w.Person(name).ID).Into(w.T, http.StatusOK, &p)
	return p
}

// refuse fails the test unless an act is refused with a code.
func refuse(w *apptest.World, by, path string, body map[string]any, code string) {
	w.T.Helper()
	if a := w.Post(by, path, body); a.Code() != code {
		w.T.Errorf("%s %v: %d %s, want %s", path, body, a.Status, a.Body, code)
	}
}

// TestAPersonIsMadeChangedAndEnded walks one row of the roster through.
func TestAPersonIsMadeChangedAndEnded(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var p personOf
	w.Post(apptest.Staff, "/v1/people", map[string]any{"name": "迪丽努尔•阿布都", "phone": "139 0000 0001", "position": "常委", "sector": "农业界"}).Into(t, http.StatusCreated, &p)
	if p.Name != "迪丽努尔·阿布都" || p.Phone != "139****0001" || p.Version != 1 {
		t.Errorf("%+v", p)
	}
	refuse(w, apptest.Staff, "/v1/people", map[string]any{"name": "别人", "phone": "13900000001"}, "member.phone_taken")
	refuse(w, apptest.Staff, "/v1/people", map[string]any{"name": "123"}, "member.name")
	refuse(w, apptest.Staff, "/v1/people", map[string]any{"name": "甲", "sector": "没有界"}, "member.no_sector")
	refuse(w, apptest.Staff, "/v1/people", map[string]any{"name": "甲", "group": "没有组"}, "member.no_group")
	at := "/v1/people/" + p.ID
	w.Post(apptest.Staff, at+"/change", map[string]any{"version": 1, "name": "迪丽努尔", "position": "副主席", "sector": "农业界", "group": "第一联络组"}).Into(t, http.StatusOK, &p)
	if p.Name != "迪丽努尔" || p.Position != "副主席" || p.Group != "第一联络组" || p.Version != 2 || p.Phone == "" {
		t.Errorf("%+v", p)
	}
	refuse(w, apptest.Admin, at+"/change", map[string]any{"version": 1, "name": "迪丽努尔"}, "member.stale")

	var x appointmentOf
	w.Post(apptest.Staff, at+"/appoint", map[string]any{"role": "MEMBER"}).Into(t, http.StatusCreated, &x)
	if x.TermID == "" || x.Begins != "2026-03-03" {
		t.Errorf("%+v", x)
	}
	w.Post(apptest.Staff, at+"/appoint", map[string]any{"role": "UNIT_HANDLER", "unit_id": w.Units[0].ID}).Want(t, http.StatusCreated)
	w.Post(apptest.Staff, at+"/end", map[string]any{"version": 2, "ends": "2026-03-02"}).Into(t, http.StatusOK, &p)
	for _, x := range p.Appointments {
		if x.Ends != "2026-03-02" {
			t.Errorf("%+v", x)
		}
	}
	if p.Former || p.Version != 3 { // it never held
		t.Errorf("%+v", p)
	}
}

// TestAnAppointmentKeepsItsRules holds what may be given, to whom, by whom, for
// how long.
func TestAnAppointmentKeepsItsRules(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	at := "/v1/people/" + w.Person(apptest.Subject).ID + "/appoint"
	for name, x := range map[string]struct {
		body map[string]any
		code string
	}{
		"no such role":                    {map[string]any{"role": "COOK"}, "member.role"},
		"a unit that is due":              {map[string]any{"role": "UNIT_HANDLER"}, "member.unit_due"},
		"a unit that is not due":          {map[string]any{"role": "INFO_STAFF", "unit_id": w.Units[0].ID}, "member.unit_not_due"},
		"a committee's of another unit":   {map[string]any{"role": "COMMITTEE_STAFF", "unit_id": w.Units[0].ID}, "member.no_committee"},
		"a unit of another institution":   {map[string]any{"role": "UNIT_HANDLER", "unit_id": w.OtherUnit.ID}, "member.unit_closed"},
		"a term of no member":             {map[string]any{"role": "INFO_STAFF", "term_id": w.OtherUnit.ID}, "member.term_not_due"},
		"a term that is none":             {map[string]any{"role": "MEMBER", "term_id": w.OtherUnit.ID, "begins": "2040-01-01"}, "member.no_term"},
		"an end before the beginning":     {map[string]any{"role": "INFO_STAFF", "begins": "2026-03-05", "ends": "2026-03-04"}, "member.appointment_dates"},
		"the same role on the same days":  {map[string]any{"role": "MEMBER", "begins": "2027-01-01"}, "member.overlap"},
		"an administrator by no one such": {map[string]any{"role": "PLATFORM_ADMIN"}, "member.may_not_give"},
	} {
		t.Run(name, func(t *testing.T) {
			w.T = t
			refuse(w, apptest.Staff, at, x.body, x.code)
		})
	}
	w.T = t
	var x, y appointmentOf
	w.Post(apptest.Staff, at, map[string]any{"role": "UNIT_HANDLER", "unit_id": w.Units[0].ID, "begins": "2026-03-10", "ends": "2026-03-20"}).Into(t, http.StatusCreated, &x)
	w.Post(apptest.Staff, at, map[string]any{"role": "UNIT_HANDLER", "unit_id": w.Units[1].ID, "begins": "2026-03-10"}).Want(t, http.StatusCreated)
	w.Post(apptest.Staff, at, map[string]any{"role": "UNIT_HANDLER", "unit_id": w.Units[0].ID, "begins": "2026-03-21"}).Into(t, http.StatusCreated, &y)
	change := "/v1/appointments/" + x.ID + "/change"
	refuse(w, apptest.Staff, change, map[string]any{"version": 1, "unit_id": w.Units[0].ID, "ends": "2026-03-21"}, "member.overlap")
	refuse(w, apptest.Staff, change, map[string]any{"version": 7, "unit_id": w.Units[0].ID, "ends": "2026-03-15"}, "member.appointment_stale")
	refuse(w, apptest.ForeignAdmin, change, map[string]any{"version": 1, "unit_id": w.Units[0].ID}, "member.appointment_not_found")
	x = appointmentOf{ID: x.ID}
	w.Post(apptest.Staff, change, map[string]any{"version": 1, "unit_id": w.Units[2].ID}).Into(t, http.StatusOK, &x)
	if x.UnitID != w.Units[2].ID || x.Begins != "2026-03-10" || x.Ends != "" || x.Version != 2 {
		t.Errorf("%+v", x)
	}
	w.Post(apptest.Staff, "/v1/appointments/"+y.ID+"/end", map[string]any{"version": 1}).Into(t, http.StatusOK, &y)
	if y.Ends != "2026-03-20" { // it had not begun: it never holds
		t.Errorf("%+v", y)
	}
}

// TestAnInstitutionKeepsAnAdministrator holds that none ends their own, nor the
// last one's, and that others than administrators end none.
func TestAnInstitutionKeepsAnAdministrator(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	own := person(w, apptest.Admin)
	end := "/v1/appointments/" + own.Appointments[0].ID + "/end"
	refuse(w, apptest.Admin, end, map[string]any{"version": 1}, "member.own_administrator")
	refuse(w, apptest.Admin, "/v1/people/"+own.ID+"/end", map[string]any{"version": own.Version}, "member.own_administrator")
	refuse(w, apptest.Staff, end, map[string]any{"version": 1}, "member.may_not_give")
	refuse(w, apptest.Staff, "/v1/people/"+own.ID+"/end", map[string]any{"version": own.Version}, "member.may_not_give")

	var second appointmentOf
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.Leader).ID+"/appoint", map[string]any{"role": "PLATFORM_ADMIN", "ends": "2026-12-31"}).Into(t, http.StatusCreated, &second)
	refuse(w, apptest.Leader, end, map[string]any{"version": 1}, "member.last_administrator") // the other one's has an end
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET ends = NULL WHERE id = ?", second.ID)
		return nil
	})
	w.Post(apptest.Leader, end, map[string]any{"version": 1}).Want(t, http.StatusOK)
}

// TestAFormerMemberReadsAndHandsNothingIn holds what is left to somebody whose
// term is over: their own matters, and what they may still say to the answer.
func TestAFormerMemberReadsAndHandsNothingIn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	body := map[string]any{"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便。", "category": "CITY"}
	var s struct{ ID string }
	w.Post(apptest.Author, "/v1/suggestions", body).Into(t, http.StatusCreated, &s)
	var other struct{ ID string }
	w.Post(apptest.CoAuthor, "/v1/suggestions", body).Into(t, http.StatusCreated, &other)
	p := person(w, apptest.Author)
	w.Post(apptest.Admin, "/v1/people/"+p.ID+"/end", map[string]any{"version": p.Version}).Want(t, http.StatusOK)
	w.Clock.Advance(24 * time.Hour)

	w.Get(apptest.Author, "/v1/suggestions/"+s.ID).Want(t, http.StatusOK)
	w.Get(apptest.Author, "/v1/suggestions/"+other.ID).Want(t, http.StatusNotFound)
	var list struct{ Items []struct{ ID string } }
	w.Get(apptest.Author, "/v1/suggestions").Into(t, http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].ID != s.ID {
		t.Errorf("%+v", list)
	}
	w.Get(apptest.Author, "/v1/inbox").Want(t, http.StatusOK)
	for path, body := range map[string]any{"/v1/suggestions": body, "/v1/suggestions/drafts": body} {
		if a := w.Post(apptest.Author, path, body); a.Code() != "request.forbidden" {
			t.Errorf("%s: %d %s", path, a.Status, a.Code())
		}
	}
	if p = person(w, apptest.Author); !p.Former || p.Term != "第十一届" || p.Name != apptest.Author {
		t.Errorf("%+v", p)
	}
	for query, want := range map[string][]string{"standing=FORMER": {apptest.Author}, "standing=FORMER&role=MEMBER": {apptest.Author}, "standing=CURRENT&name=" + url.QueryEscape("古丽"): nil} {
		if got := peopleBy(w, query); !slices.Equal(got, want) {
			t.Errorf("%s: %v", query, got)
		}
	}
}

// peopleBy lists the names of people, page by page of three.
func peopleBy(w *apptest.World, query string) []string {
	w.T.Helper()
	var names []string
	for after := ""; ; {
		var page struct {
			Items []personOf
			Next  string
		}
		w.Get(apptest.Admin, "/v1/people?limit=3&"+query+"&after="+after).Into(w.T, http.StatusOK, &page)
		for _, p := range page.Items {
			names = append(names, p.Name)
		}
		if after = page.Next; after == "" {
			return names
		}
	}
}

// TestPeopleComeInEachOrder holds the orders by pages, and that filters hold in
// each.
func TestPeopleComeInEachOrder(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, name := range []string{"工商联界", "教育界"} {
		w.Post(apptest.Admin, "/v1/sectors", map[string]any{"name": name}).Want(t, http.StatusCreated)
	}
	for _, p := range [][3]string{
		{"上官云", "县政协副主席", "教育界"}, {"欧阳𠮷", "常委", "工商联界"}, {"丁一", "", "教育界"}, {"买买提·热合曼", "主席", "工商联界"}, {"㛃然", "工会主席", ""}, {"Anna", "党组成员、秘书长", "农业界"},
	} {
		w.Post(apptest.Admin, "/v1/people", map[string]any{"name": p[0], "position": p[1], "sector": p[2], "group": "第一联络组"}).Want(t, http.StatusCreated)
	}
	w.Write(func(tx *store.Tx) error { // the others are in no group
		tx.Exec("UPDATE people SET group_name = '' WHERE institution_id = ? AND created_at < ?", w.County.ID, apptest.Start.Add(time.Minute))
		tx.Exec("UPDATE people SET group_name = '第一联络组' WHERE institution_id = ? AND name IN ('上官云', '欧阳𠮷', '丁一', '买买提·热合曼', '㛃然', 'Anna')", w.County.ID)
		return nil
	})
	group := "&group=" + url.QueryEscape("第一联络组")
	for order, want := range map[string][]string{
		"ENTERED": {"上官云", "欧阳𠮷", "丁一", "买买提·热合曼", "㛃然", "Anna"},
		"STROKES": {"Anna", "丁一", "上官云", "买买提·热合曼", "欧阳𠮷", "㛃然"},
		"RANK":    {"买买提·热合曼", "上官云", "Anna", "欧阳𠮷", "丁一", "㛃然"},
		"SECTOR":  {"Anna", "买买提·热合曼", "欧阳𠮷", "丁一", "上官云", "㛃然"},
	} {
		if diff := cmp.Diff(want, peopleBy(w, "order="+order+group)); diff != "" {
			t.Errorf("%s: %s", order, diff)
		}
	}
	var sectors struct{ Items []thing }
	w.Get(apptest.Author, "/v1/sectors").Into(t, http.StatusOK, &sectors)
	slices.Reverse(sectors.Items)
	var ids []string
	for _, s := range sectors.Items {
		ids = append(ids, s.ID)
	}
	refuse(w, apptest.Admin, "/v1/sectors/order", map[string]any{"ids": ids[:2]}, "member.division_order")
	w.Post(apptest.Admin, "/v1/sectors/order", map[string]any{"ids": ids}).Want(t, http.StatusOK)
	if diff := cmp.Diff([]string{"丁一", "上官云", "买买提·热合曼", "欧阳𠮷", "Anna", "㛃然"}, peopleBy(w, "order=SECTOR"+group)); diff != "" {
		t.Error(diff)
	}
	w.Post(apptest.Admin, "/v1/ranks", map[string]any{"ranks": []string{"工会主席", "常委", "秘书长"}}).Want(t, http.StatusOK)
	if diff := cmp.Diff([]string{"㛃然", "欧阳𠮷", "Anna", "丁一", "上官云", "买买提·热合曼"}, peopleBy(w, "order=RANK"+group)); diff != "" {
		t.Error(diff)
	}
	refuse(w, apptest.Admin, "/v1/ranks", map[string]any{"ranks": []string{"主席", "主席"}}, "member.ranks")
	if got := peopleBy(w, "unit="+w.Units[0].ID); !slices.Equal(got, []string{apptest.LeadHandler}) {
		t.Errorf("of a unit: %v", got)
	}
	var terms struct{ Items []thing }
	w.Get(apptest.Author, "/v1/terms").Into(t, http.StatusOK, &terms)
	if got := peopleBy(w, "term="+terms.Items[0].ID); len(got) != 7 {
		t.Errorf("of a term: %v", got)
	}
}

// TestASectorIsRenamedWithItsPeople holds it for the people, for their order, and
// that matters keep the name of their day.
func TestASectorIsRenamedWithItsPeople(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for base, old := range map[string]string{"/v1/sectors": "农业界", "/v1/groups": "第一联络组"} {
		var list struct{ Items []thing }
		w.Get(apptest.Author, base).Into(t, http.StatusOK, &list)
		at := base + "/" + list.Items[0].ID
		refuse(w, apptest.Staff, base, map[string]any{"name": old}, "member.division_name")
		refuse(w, apptest.ForeignAdmin, at+"/change", map[string]any{"version": 1, "name": "新名"}, "member.division_not_found")
		w.Post(apptest.Staff, at+"/change", map[string]any{"version": 1, "name": "新名"}).Want(t, http.StatusOK)
		refuse(w, apptest.Staff, at+"/change", map[string]any{"version": 1, "name": "再新"}, "member.division_stale")
		w.Post(apptest.Staff, at+"/end", map[string]any{"version": 2}).Want(t, http.StatusOK)
	}
	p := person(w, apptest.Author)
	if p.Sector != "新名" || p.Group != "新名" || p.Version != 3 {
		t.Errorf("%+v", p)
	}
	if a := w.Actor(apptest.Author); a.Sector != "新名" || a.GroupName != "新名" {
		t.Errorf("%+v", a)
	}
	// Who is in one that ended stays; nobody new comes in.
	w.Post(apptest.Staff, "/v1/people/"+p.ID+"/change", map[string]any{"version": 3, "name": p.Name, "sector": "新名", "position": "常委"}).Want(t, http.StatusOK)
	refuse(w, apptest.Staff, "/v1/people", map[string]any{"name": "甲", "sector": "新名"}, "member.no_sector")
}

// TestAUnitIsRenamedAndClosed holds that it is never lost: its old name is read
// beside the new one, and a closed unit can be opened again.
func TestAUnitIsRenamedAndClosed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var u thing
	w.Post(apptest.Admin, "/v1/units", map[string]any{"name": "城关镇联络办", "word": "联络办"}).Into(t, http.StatusCreated, &u)
	if u.Kind != "LIAISON_GROUP" || u.Word != "联络办" {
		t.Errorf("%+v", u)
	}
	at := "/v1/units/" + u.ID
	refuse(w, apptest.Admin, "/v1/units", map[string]any{"name": "城关镇联络办", "word": "联络组"}, "institution.unit_name")
	refuse(w, apptest.Admin, "/v1/units", map[string]any{"name": "甲", "word": "局"}, "institution.unit_kind")
	refuse(w, apptest.ForeignAdmin, at+"/end", map[string]any{"version": 1}, "institution.unit_not_found")
	w.Post(apptest.Admin, at+"/change", map[string]any{"version": 1, "name": "城关镇工委", "word": "镇区工委"}).Want(t, http.StatusOK)
	refuse(w, apptest.Admin, at+"/change", map[string]any{"version": 1, "name": "城关镇", "word": "镇区工委"}, "institution.unit_stale")
	w.Get(apptest.Staff, at).Into(t, http.StatusOK, &u)
	if u.Name != "城关镇工委" || u.Word != "镇区工委" || len(u.FormerNames) != 1 || u.FormerNames[0].Name != "城关镇联络办" {
		t.Errorf("%+v", u)
	}
	count := func(query string, want int) {
		t.Helper()
		var list struct{ Items []thing }
		w.Get(apptest.Staff, "/v1/units?"+query).Into(t, http.StatusOK, &list)
		if len(list.Items) != want {
			t.Errorf("%s: %+v", query, list.Items)
		}
	}
	count("", 4)
	count("kind=LIAISON_GROUP,HANDLING_UNIT", 4)
	w.Post(apptest.Admin, at+"/end", map[string]any{"version": 2}).Want(t, http.StatusOK)
	count("kind=LIAISON_GROUP,HANDLING_UNIT", 3)
	count("kind=LIAISON_GROUP&closed=CLOSED", 1)
	refuse(w, apptest.Admin, "/v1/people/"+w.Person(apptest.Subject).ID+"/appoint", map[string]any{"role": "UNIT_LEADER", "unit_id": u.ID}, "member.unit_closed")
	w.Post(apptest.Admin, at+"/restore", map[string]any{"version": 3}).Want(t, http.StatusOK)
	count("kind=LIAISON_GROUP,HANDLING_UNIT&name="+url.QueryEscape("城关"), 1)
}

// TestTermsDoNotOverlap holds the rules of terms, and that a member's term is
// that of the appointment which holds today.
func TestTermsDoNotOverlap(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for code, body := range map[string]map[string]any{
		"member.term_ordinal": {"ordinal": 11, "begins": "2031-01-01", "ends": "2032-01-01"},
		"member.term_dates":   {"ordinal": 12, "begins": "2030-01-09", "ends": "2035-01-01"},
	} {
		refuse(w, apptest.Admin, "/v1/terms", body, code)
	}
	refuse(w, apptest.Admin, "/v1/terms", map[string]any{"ordinal": 12, "begins": "2035-01-01", "ends": "2030-02-01"}, "member.term_dates")
	var next thing
	w.Post(apptest.Admin, "/v1/terms", map[string]any{"ordinal": 12, "begins": "2030-01-10", "ends": "2035-01-09"}).Into(t, http.StatusCreated, &next)
	if next.Label != "第十二届" {
		t.Errorf("%+v", next)
	}
	p := person(w, apptest.Author)
	w.Post(apptest.Admin, "/v1/appointments/"+p.Appointments[0].ID+"/end", map[string]any{"version": 1, "ends": "2030-01-09"}).Want(t, http.StatusOK)
	w.Post(apptest.Admin, "/v1/people/"+p.ID+"/appoint", map[string]any{"role": "MEMBER", "begins": "2030-01-10"}).Want(t, http.StatusCreated)
	if a := w.Actor(apptest.Author); a.Term != 11 {
		t.Errorf("before: %d", a.Term)
	}
	for day, want := range map[calendar.Day]int{calendar.Date(2030, 1, 9): 11, calendar.Date(2030, 1, 10): 12} {
		actors, err := member.Actors(t.Context(), w.DB, w.County.ID, []string{p.ID}, day)
		if err != nil || actors[0].Term != want {
			t.Errorf("%s: %+v, %v", day, actors, err)
		}
	}
}
