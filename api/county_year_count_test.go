package api_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/app/apptest"
)

// everyDossier reads all matters of a kind that staff see, the newest first.
func (c *county) everyDossier(base string) []dossier {
	c.T.Helper()
	var ids []string
	eachOf(c, apptest.Staff, strings.TrimSuffix(base, "/")+"?", func(l struct{ ID string }) { ids = append(ids, l.ID) })
	var all []dossier
	for _, id := range ids {
		all = append(all, c.see(apptest.Staff, base, id))
	}
	return all
}

// tallies are counts by name.
type tallies map[string]int

func (n tallies) of(up, down string) string { return fmt.Sprintf("%d/%d", n[up], n[down]) }

// countIf counts under a name what is so.
func (n tallies) countIf(is bool, name string) {
	if is {
		n[name]++
	}
}

// countTheYear says of the year what the office's report says of it, out of what the
// API answers.
func (y *countyYear) countTheYear() {
	y.T.Helper()
	n := tallies{}
	lines := map[string][]handedLine{}
	for _, meeting := range []string{session3, interim} {
		for _, l := range y.listOf(apptest.ProposalStaff, meeting) {
			lines[l.MatterID] = append(lines[l.MatterID], l)
		}
	}
	for _, d := range y.everyDossier(proposals) {
		if d.Upper != nil {
			n.countAbove(d)
			continue
		}
		n.countProposal(d)
		n.countAnswer(d, lines[d.ID])
	}
	n["after choosing"] = n["received"] - n["withdrawn"] - n["converted at once"]
	n["after merging"] = n["after choosing"] - n["MERGED"]
	for _, d := range y.everyDossier(opinions) {
		n.countReport(d)
	}
	for _, d := range y.everyDossier(suggestions) {
		n.countIf(d.Origin != nil && d.Status == "CLOSED" && len(d.Replies) > 0, "suggestions answered")
	}
	eachOf(y.county, apptest.ProposalStaff, "/v1/follow-ups?year=2026", func(l struct {
		LookedAt *time.Time `json:"looked_at"`
	}) {
		n.countIf(l.LookedAt != nil, "still followed")
	})
	y.compare(proposalFigures(n))
	y.compare(reportFigures(n))
	y.statesAgree(proposals, n, "PROPOSAL ")
	y.statesAgree(opinions, n, "REPORT ")
}

// countProposal adds one of the county's own funnel: how it came, and what was decided.
func (n tallies) countProposal(d dossier) {
	n["received"]++
	n[d.Source]++
	n[d.Occasion]++
	n["PROPOSAL "+d.Status]++
	n.countIf(d.Proposer == "JOINT", "joint")
	n.countIf(d.Proposer != "JOINT" && d.Proposer != "INDIVIDUAL", "collective")
	n.countIf(d.Status == "WITHDRAWN", "withdrawn")
	n.countIf(d.Ground != "", "not filed")
	n.countIf(d.Ground != "" && d.Became != nil, "not filed, converted")
	n.countIf(d.Ground == "" && d.Became != nil, "converted at once")
	n.countIf(d.Became != nil && d.Became.Kind == "suggestion", "became suggestions")
	n.countIf(d.Became != nil && d.Became.Kind == "opinion", "became reports")
	n.countIf(d.Status == "MERGED", "MERGED")
	n.countIf(len(d.MergedIn) > 0, "groups")
	n.countIf(d.Number != "", "numbered")
	n.countIf(d.Status == "REVOKED", "revoked")
	n.countIf(d.Number != "" && d.Status != "REVOKED", "filed")
	for _, m := range d.Marks {
		n.countIf(m.Honour == "KEY" && m.ApprovedAt != nil, "key")
		n.countIf(m.Honour == "EXCELLENT" && m.PublishedAt != nil, "excellent")
	}
	n.countIf(len(d.Supervisions) > 0 && d.Supervisions[0].Report != "", "supervised")
	for _, a := range d.Authors {
		n.countIf(a.Consent == "DECLINED", "declined")
	}
	for _, e := range d.Timeline {
		n[e.Action]++
	}
}

// countAnswer adds how one that was filed was handled, and what its sponsors said. In
// time is what all that had to answer sent by the day of the list of its meeting.
func (n tallies) countAnswer(d dossier, lines []handedLine) {
	if len(d.Assignments) == 0 || d.Status == "REVOKED" {
		return
	}
	n["assigned"]++
	mode, rounds := "SOLE", map[string]int{}
	for _, a := range d.Assignments {
		rounds[a.ID] = a.Round
		n.countIf(a.Status == "RELEASED", "released")
		n.countIf(a.ExtendedTo != "", "extended")
		switch {
		case a.Round == 1 && a.Role == "CO":
			mode = "LEAD_CO"
		case a.Role == "SEPARATE":
			mode = "SEPARATE"
		}
	}
	n[mode]++
	last, late := 0, false
	for _, round := range rounds {
		last = max(last, round)
	}
	answers := 0
	for _, r := range d.Replies {
		switch {
		case r.Kind == "OPINION":
			n["opinions"]++
		case r.Verdict != "PASSED":
		case r.About != "":
			n["own letters"]++
		case rounds[r.AssignmentID] == 1:
			i := slices.IndexFunc(lines, func(l handedLine) bool { return l.ID == r.AssignmentID })
			late = late || i < 0 || r.SubmittedAt.After(lines[i].DueAt)
			fallthrough
		default:
			if rounds[r.AssignmentID] == last {
				answers++
				n["outcome "+r.Outcome]++
			}
		}
	}
	n.countIf(answers > 0 && d.answered(), "answered")
	n.countIf(answers > 0 && !late, "on time")
	said := map[string]struct{ About, Attitude, Result string }{}
	for _, r := range d.Ratings {
		said[r.About] = r // the last counts
	}
	for _, r := range said {
		n["rated"]++
		n["attitude "+r.Attitude]++
		n["result "+r.Result]++
	}
}

// answered tells whether the answers to it have reached its sponsors.
func (d dossier) answered() bool {
	return len(d.Replies) > 0 && slices.Contains([]string{"REPLIED", "UNSATISFIED", "CLOSED"}, d.Status)
}

// countAbove adds one of a higher body's collection, which is outside the funnel.
func (n tallies) countAbove(d dossier) {
	of := d.Upper.Body + " "
	n[of+"gathered"]++
	n["PROPOSAL "+d.Status]++
	n.countIf(d.Upper.Number != "", of+"handed up")
	n.countIf(d.Upper.Answer != "", of+"answered")
	n.countIf(d.Upper.Award != "", of+"award")
	n.countIf(d.Number != "" || d.Occasion != "", of+"in the funnel")
}

// countReport adds a 社情民意.
func (n tallies) countReport(d dossier) {
	n["reports"]++
	n["REPORT "+d.Status]++
	n["reports "+d.Source]++
	n.countIf(d.Origin != nil, "reports converted")
	n.countIf(d.Urgent, "urgent")
	n.countIf(d.IssueType == "COMPOSITE" && len(d.MergedIn) > 0, "composites")
	n.countIf(len(d.Dispatches) > 0, "reported")
	n.countIf(len(d.Dispatches) > 1, "reported twice")
	n.countIf(slices.ContainsFunc(d.Adoptions, func(a cameOf) bool { return a.Level == "PREFECTURE" && a.RevokedAt == nil }), "adopted")
	n["instructions"] += len(d.Instructions)
	n.countIf(len(d.Replies) > 0 && len(d.Ratings) > 0, "turned over, answered, rated")
}

// proposalFigures are the lines of the year's report on 提案, with the numbers that were
// counted by hand.
func proposalFigures(n tallies) []figure {
	n["content with the attitude"] = n["attitude SATISFIED"] + n["attitude BASICALLY"]
	n["content with the result"] = n["result SATISFIED"] + n["result BASICALLY"]
	table := []figure{
		{"收到提案", n["received"], 115}, {"　手机", n["APP"], 58}, {"　纸件", n["PAPER"], 57}, {"　大会提案", n["PLENARY"], 112}, {"　平时提案", n["INTERIM"], 3},
		{"　联名", n["joint"], 5}, {"　集体", n["collective"], 5}, {"　谢绝联名", n["declined"], 2},
		{"撤回", n["withdrawn"], 5}, {"审查时转出", n["converted at once"], 9}, {"　转微建议", n["became suggestions"], 5}, {"　转社情民意（含未立案的）", n["became reports"], 6},
		{"筛选后", n["after choosing"], 101}, {"并入别件", n["MERGED"], 50}, {"并案组数", n["groups"], 30}, {"合并为", n["after merging"], 51},
		{"不予立案", n["not filed"], 19}, {"　其中转社情民意", n["not filed, converted"], 2}, {"编号", n["numbered"], 32}, {"撤案", n["revoked"], 1}, {"立案", n["filed"], 31},
		{"独办", n["SOLE"], 22}, {"主办、会办", n["LEAD_CO"], 6}, {"分办", n["SEPARATE"], 3}, {"会办意见", n["opinions"], 6},
		{"异议后改由他单位", n["released"], 1}, {"延期", n["extended"], 1}, {"重新办理", n["rehandle"], 1}, {"维持答复", n["uphold"], 1},
		{"办复", n["answered"], 31}, {"对原提案分别答复", n["own letters"], 4}, {"结果A", n["outcome A"], 30}, {"结果B", n["outcome B"], 2}, {"结果C", n["outcome C"], 2},
		{"上年B类跟踪", n["follow_up"], 4}, {"　仍在办理", n["still followed"], 2},
		{"征询意见表", n["rated"], 76}, {"未反馈", n["close_unrated"], 3},
		{"办理态度：满意", n["attitude SATISFIED"], 70}, {"　基本满意", n["attitude BASICALLY"], 6}, {"　不满意", n["attitude DISSATISFIED"], 0},
		{"办理结果：满意", n["result SATISFIED"], 67}, {"　基本满意", n["result BASICALLY"], 8}, {"　不满意", n["result DISSATISFIED"], 1},
		{"办复率", n.of("answered", "assigned"), "31/31"}, {"按期办复率", n.of("on time", "assigned"), "30/31"},
		{"立案率（按收到）", n.of("filed", "received"), "31/115"}, {"立案率（按合并后）", n.of("filed", "after merging"), "31/51"},
		{"满意率（态度）", n.of("content with the attitude", "rated"), "76/76"}, {"满意率（结果）", n.of("content with the result", "rated"), "75/76"},
		{"重点提案", n["key"], 5}, {"　已督办", n["supervised"], 5}, {"优秀提案", n["excellent"], 1}, {"转微建议已答复", n["suggestions answered"], 5},
	}
	for body, award := range map[string]int{cityBody: 0, regionBody: 1} {
		of := body + " "
		table = append(table, figure{body + "征集", n[of+"gathered"], 6}, figure{"　提交", n[of+"handed up"], 5}, figure{"　已答复", n[of+"answered"], 5},
			figure{"　评为优秀", n[of+"award"], award}, figure{"　混入本级", n[of+"in the funnel"], 0})
	}
	return table
}

// reportFigures are those of 社情民意.
func reportFigures(n tallies) []figure {
	return []figure{
		{"收到社情民意", n["reports"], 33}, {"　手机", n["reports APP"], 16}, {"　纸件", n["reports PAPER"], 17}, {"　由提案转来", n["reports converted"], 6}, {"　急件", n["urgent"], 1},
		{"撤回", n["REPORT WITHDRAWN"], 1}, {"留存", n["REPORT KEPT_ON_FILE"], 3}, {"并入别件", n["REPORT MERGED"], 8}, {"综合", n["composites"], 3},
		{"报送", n["reported"], 21}, {"　报送两处", n["reported twice"], 5}, {"市里采用", n["adopted"], 6}, {"批示", n["instructions"], 2},
		{"转办并办结", n["turned over, answered, rated"], 1}, {"归档", n["REPORT ARCHIVED"], 21}, {"采用率", n.of("adopted", "reports"), "6/33"},
	}
}

// statesAgree: the lists by state have what the dossiers say, and no more.
func (y *countyYear) statesAgree(base string, n tallies, prefix string) {
	y.T.Helper()
	for name, want := range n {
		status, ours := strings.CutPrefix(name, prefix)
		if !ours {
			continue
		}
		got := 0
		eachOf(y.county, apptest.ProposalStaff, strings.TrimSuffix(base, "/")+"?status="+status, func(struct{ ID string }) { got++ })
		if got != want {
			y.T.Errorf("the list of %s has %d, want %d", name, got, want)
		}
	}
}
