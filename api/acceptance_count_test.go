package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"yanlu/internal/app/apptest"
)

// call: the clerk goes through 未送达, calls each, and ticks 已电话告知. Who has no
// telephone at all is told through their group.
func (c *county) call() {
	c.T.Helper()
	type line struct {
		ID string
		phoneCall
	}
	var open []line
	eachOf(c, apptest.Staff, "/v1/undelivered?state=open", func(l line) { open = append(open, l) })
	for _, l := range open {
		note := "本人接听，已知晓。"
		if l.Phone == "" {
			note = "请联络组当面转告。"
		}
		if (l.Phone == "") != (slices.Index(memberNames, l.Name) >= membersWithPhone) {
			c.T.Errorf("the list shows the number %q for %s", l.Phone, l.Name)
		}
		c.Post(apptest.Staff, "/v1/undelivered/"+l.ID+"/told", map[string]any{"note": note}).Want(c.T, http.StatusOK)
	}
	var n struct{ Open int }
	if c.Get(apptest.Staff, "/v1/undelivered/count").Into(c.T, http.StatusOK, &n); n.Open != 0 {
		c.T.Errorf("%d are still to tell", n.Open)
	}
}

// The titles of what every author must learn.
const (
	titleAnswered = "您的微建议有答复了"
	titleRefused  = "您的微建议没有受理"
)

// knowledge is how often something has reached people, as a name, a matter and a title:
// by the inbox, where they read it or WeChat brought it, and by calls that are logged.
type knowledge struct{ inbox, calls map[string]int }

// learned gathers what has reached the members of the county.
func (c *county) learned() knowledge {
	c.T.Helper()
	k := knowledge{map[string]int{}, map[string]int{}}
	eachOf(c, apptest.ProposalStaff, "/v1/undelivered?state=told", func(l struct {
		phoneCall
		ToldBy string `json:"told_by"`
	}) {
		if l.ToldBy != apptest.Staff {
			c.T.Errorf("%s was told by %q", l.Name, l.ToldBy)
		}
		c.calls = append(c.calls, l.phoneCall)
		k.calls[l.Name+l.MatterID+l.Title]++
	})
	pushed := map[string]bool{}
	for _, m := range c.Sim.Sent() {
		pushed[m.OpenID+m.TemplateID+m.Page] = true
	}
	for _, name := range memberNames[:membersOnApp] {
		eachOf(c, name, "/v1/inbox?", func(m struct {
			MatterID           string `json:"matter_id"`
			Event, Kind, Title string
			ReadAt             *time.Time `json:"read_at"`
		}) {
			if m.ReadAt != nil || pushed[c.OpenID(name)+"template-"+m.Event+"pages/matter/index?kind="+m.Kind+"&id="+m.MatterID] {
				k.inbox[name+m.MatterID+m.Title]++
			}
		})
	}
	return k
}

// everyAuthorKnows: each who agreed to be an author of whatever came in, merged or
// not, has the answer to it in the inbox, where they read it or WeChat brought it;
// or a call about it is logged: one of the two, and who declined has neither.
func (c *county) everyAuthorKnows() {
	c.T.Helper()
	k := c.learned()
	authors := map[string]bool{}
	for _, name := range everySuggestion() {
		d := c.read(name)
		id, title := d.ID, titleAnswered
		if d.Status == "MERGED" {
			id = d.MergedInto
		}
		if d.Status == "REJECTED" {
			title = titleRefused
		}
		for _, a := range d.Authors {
			knows := a.Name + id + title
			if a.Consent != "GIVEN" {
				if k.inbox[knows]+k.calls[knows] > 0 {
					c.T.Errorf("%s is no author of %s, and was told", a.Name, name)
				}
				continue
			}
			if (k.inbox[knows] > 0) == (k.calls[knows] > 0) {
				c.T.Errorf("what became of %s: %s has it in the inbox %d times, was called %d times", name, a.Name, k.inbox[knows], k.calls[knows])
			}
			authors[knows] = true
		}
	}
	if len(authors) != 62 { // 52 first authors, 8 co-authors on paper, 2 who agreed on their telephones
		c.T.Errorf("%d authors were to be told, want 62", len(authors))
	}
}

// figure is one line of the table that the run ends with.
type figure struct {
	what      string
	got, want any
}

// compare holds what was counted against what was counted by hand, and prints both.
func (c *county) compare(table []figure) {
	c.T.Helper()
	var b strings.Builder
	for _, f := range table {
		mark := ""
		if f.got != f.want {
			mark = "  ←"
			c.T.Errorf("%s: %v, counted by hand %v", f.what, f.got, f.want)
		}
		fmt.Fprintf(&b, "%6v %6v  %s%s\n", f.got, f.want, f.what, mark)
	}
	c.T.Logf("counted, by hand:\n%s", b.String())
}

// tally counts what the lists and the dockets show, beside what was counted by
// hand from the story.
func (c *county) tally() {
	c.T.Helper()
	n := map[string]int{}
	for _, status := range []string{"SUBMITTED", "RETURNED", "ACCEPTED", "HANDLING", "UNSATISFIED", "WITHDRAWN", "MERGED", "REJECTED", "REPLIED", "CLOSED"} {
		eachOf(c, apptest.Leader, "/v1/suggestions?status="+status, func(struct{ ID string }) { n["all"]++; n[status]++ })
	}
	for _, name := range everySuggestion() {
		c.count(n, c.read(name))
	}
	for _, l := range c.calls {
		n["call "+l.Title]++
	}
	of := func(up, down string) string { return fmt.Sprintf("%d/%d", n[up], n[down]) }
	n["satisfied with the attitude"] = n["attitude SATISFIED"] + n["attitude BASICALLY"]
	n["satisfied with the result"] = n["result SATISFIED"] + n["result BASICALLY"]
	n["after merging"] = n["all"] - n["MERGED"]
	table := []figure{
		{"收到", n["all"], 52}, {"　纸件", n["PAPER"], 40}, {"　手机", n["APP"], 12},
		{"并案组数", n["groups"], 2}, {"并入别件", n["MERGED"], 4}, {"不予受理", n["REJECTED"], 3}, {"受理并编号", n["numbered"], 45},
		{"已办结", n["CLOSED"], 35}, {"已答复待评价", n["REPLIED"], 10},
		{"转办（主办）", n["assigned"], 45}, {"　城市管理局", n["assigned "+cityUnit], 10}, {"　交通运输局", n["assigned "+trafficUnit], 7},
		{"　农业农村局", n["assigned "+farmUnit], 8}, {"　卫生健康局", n["assigned "+healthUnit], 10}, {"　林业和草原局", n["assigned "+forestUnit], 10},
		{"已答复", n["answered"], 45}, {"　城市管理局", n["answered "+cityUnit], 10}, {"　交通运输局", n["answered "+trafficUnit], 7},
		{"　农业农村局", n["answered "+farmUnit], 8}, {"　卫生健康局", n["answered "+healthUnit], 10}, {"　林业和草原局", n["answered "+forestUnit], 10},
		{"按期答复", n["on time"], 44}, {"逾期答复", n["late"], 1}, {"　交通运输局", n["late "+trafficUnit], 1},
		{"会办意见", n["opinions"], 1}, {"申退", n["released"], 1}, {"延期", n["extended"], 1}, {"答复退回", n["sent back"], 1},
		{"重新办理", n["rehandle"], 1}, {"维持答复", n["uphold"], 1},
		{"评价", n["rated"], 20}, {"　其中电话评价", n["by telephone"], 10}, {"未评价，自动办结", n["close_unrated"], 15},
		{"办理态度：满意", n["attitude SATISFIED"], 13}, {"　基本满意", n["attitude BASICALLY"], 4}, {"　不满意", n["attitude DISSATISFIED"], 3},
		{"办理结果：满意", n["result SATISFIED"], 10}, {"　基本满意", n["result BASICALLY"], 9}, {"　不满意", n["result DISSATISFIED"], 1},
		{"办复率", of("answered", "assigned"), "45/45"}, {"按期办复率", of("on time", "assigned"), "44/45"},
		{"受理率（按收到）", of("numbered", "all"), "45/52"}, {"受理率（按并案后）", of("numbered", "after merging"), "45/48"},
		{"满意率（态度）", of("satisfied with the attitude", "rated"), "17/20"}, {"满意率（结果）", of("satisfied with the result", "rated"), "19/20"},
		{"电话告知答复", n["call "+titleAnswered], 31}, {"电话告知不予受理", n["call "+titleRefused], 2},
	}
	c.compare(table)
	for _, name := range slices.Concat([]string{apptest.Staff, apptest.ProposalStaff}, memberNames[:membersOnApp], handlers[cityUnit], handlers[trafficUnit], handlers[farmUnit]) {
		c.waits(name, 0)
	}
}

// count adds what a docket shows to the figures. Whether the answer was in time
// goes by the first of the leading unit, and the rating by the last.
func (c *county) count(n map[string]int, d docket) {
	n[d.Source]++
	if len(d.MergedIn) > 0 {
		n["groups"]++
	}
	if d.Number != "" {
		n["numbered"]++
	}
	lead := map[string]unitPart{}
	for _, a := range d.Assignments {
		if a.Status == "RELEASED" {
			n["released"]++
		}
		if a.ExtendedBy > 0 {
			n["extended"]++
		}
		if a.Role != "LEAD" || a.Round != 1 || a.Status == "RELEASED" {
			continue
		}
		lead[a.ID] = a
		n["assigned"]++
		n["assigned "+a.Unit]++
	}
	for _, r := range d.Replies {
		a, first := lead[r.AssignmentID]
		switch {
		case r.Kind == "OPINION":
			n["opinions"]++
		case r.Verdict == "SENT_BACK":
			n["sent back"]++
		case first:
			when := "on time"
			if r.SubmittedAt.After(c.due[d.ID]) {
				when = "late"
			}
			for _, word := range []string{"answered", when} {
				n[word]++
				n[word+" "+a.Unit]++
			}
		}
	}
	for _, e := range d.Timeline {
		n[e.Action]++
		if e.Action == "rate" && e.Way == "PHONE" {
			n["by telephone"]++
		}
	}
	if len(d.Ratings) > 0 && d.Status == "CLOSED" {
		last := d.Ratings[len(d.Ratings)-1]
		n["rated"]++
		n["attitude "+last.Attitude]++
		n["result "+last.Result]++
	}
}

// auditIsWhole: whatever the clerk typed is in the audit as the act of whose it was.
func (c *county) auditIsWhole() {
	c.T.Helper()
	type entry struct {
		Person      string
		SubjectID   string `json:"subject_id"`
		SubjectType string `json:"subject_type"`
		For         string
	}
	typed := map[string]map[string]int{}
	for _, operation := range []string{"suggestion.run_sheet", "suggestion.rate", "assignment.run_sheet"} {
		typed[operation] = map[string]int{}
		eachOf(c, apptest.Leader, "/v1/audit?operation="+operation, func(e entry) {
			if e.SubjectID != "" && e.Person != apptest.Staff {
				c.T.Errorf("typed by %q: %+v", e.Person, e)
			}
			typed[operation][e.For]++
		})
	}
	for i, name := range memberNames {
		papers := 1 // of the forty, one each, and ten have a second
		if i < 10 {
			papers = 2
		}
		if i >= 15 && i < 19 {
			papers++ // the rating of theirs by the second spreadsheet
		}
		if got := typed["suggestion.run_sheet"][name]; got != papers {
			c.T.Errorf("%d entries are for %s, want %d", got, name, papers)
		}
	}
	for i, want := range map[int]int{8: 1, 9: 1, 10: 1, 12: 1, 13: 1, 14: 1} {
		if got := typed["suggestion.rate"][memberNames[i]]; got != want {
			c.T.Errorf("%d calls are in the audit for %s, want %d", got, memberNames[i], want)
		}
	}
	// Each unit on paper signed for ten and answered ten; the office passed twenty.
	if got := typed["assignment.run_sheet"]; got[healthUnit] != 20 || got[forestUnit] != 20 || got[""] != 20 {
		c.T.Errorf("of what units did on paper, the audit has %v", got)
	}
}

// chainIsWhole: all that was done is sealed, and nothing in the chains was changed, cut
// or lost.
func (c *county) chainIsWhole() {
	c.T.Helper()
	if err := c.Round(c.T.Context()); err != nil {
		c.T.Fatal(err)
	}
	r, err := c.Audit.Verify(c.T.Context(), nil)
	if err != nil {
		c.T.Fatal(err)
	}
	if len(r.Flaws) > 0 || r.Unsealed > 0 || r.Sealed == 0 {
		c.T.Errorf("the audit: %d sealed, %d not, flaws %v", r.Sealed, r.Unsealed, r.Flaws)
	}
}
