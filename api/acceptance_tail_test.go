package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
)

// docket is a matter as the office reads it.
type docket struct {
	state
	Category, Source string
	MergedInto       string `json:"merged_into"`
	MergedIn         []any  `json:"merged_in"`
	Authors          []struct {
		PersonID            string `json:"person_id"`
		Name, Role, Consent string
		Merged              bool // came with what was merged into it
	}
	Timeline  []struct{ Action, Way string }
	Deadlines []struct {
		Kind         string
		DueAt        time.Time `json:"due_at"`
		AssignmentID string    `json:"assignment_id"`
	}
	Assignments []unitPart
	Replies     []struct {
		AssignmentID         string `json:"assignment_id"`
		Kind, Verdict, About string
		Outcome              string    `json:"current_outcome"`
		SubmittedAt          time.Time `json:"submitted_at"`
	}
	Ratings []struct{ About, Attitude, Result string }
}

// unitPart is what one unit has of a suggestion in one round.
type unitPart struct {
	state
	Unit, Role string
	Round      int
	ExtendedBy int    `json:"extended_by"`
	ExtendedTo string `json:"extended_until"`
}

func (c *county) read(name string) docket {
	c.T.Helper()
	var d docket
	c.Get(apptest.Staff, suggestions+c.id[name]).Into(c.T, http.StatusOK, &d)
	return d
}

// in lists what stands in a state, in the order in which it came.
func (c *county) in(status string) []string {
	c.T.Helper()
	var ids []string
	eachOf(c, apptest.Staff, "/v1/suggestions?status="+status, func(l struct{ ID string }) { ids = append(ids, l.ID) })
	return slices.DeleteFunc(everySuggestion(), func(name string) bool { return !slices.Contains(ids, c.id[name]) })
}

// unitOf tells whose a category is.
func unitOf(category string) string {
	for _, l := range remits {
		if l.category == category {
			return l.unit
		}
	}
	return ""
}

// lead is what the unit that leads has in hand, in the latest round.
func (d docket) lead() unitPart {
	var last unitPart
	for _, a := range d.Assignments {
		if a.Role == "LEAD" && a.Status != "RELEASED" && a.Round >= last.Round {
			last = a
		}
	}
	return last
}

func (d docket) replyDue() time.Time {
	for _, x := range d.Deadlines {
		if x.Kind == "reply" && x.AssignmentID == d.lead().ID {
			return x.DueAt
		}
	}
	return time.Time{}
}

// of lists what a unit leads, in the order of the numbers.
func (c *county) of(unit string) []string {
	c.T.Helper()
	return slices.DeleteFunc(slices.Clone(numberedList), func(name string) bool { return c.read(name).lead().Unit != unit })
}

// handle takes an action on what a unit has in hand, by one of its handlers or, who
// not being empty, by somebody of the office.
func (c *county) handle(a unitPart, who, action string, body map[string]any) unitPart {
	c.T.Helper()
	if who == "" {
		of := handlers[a.Unit]
		who = of[len(c.due)%len(of)] // each of them in turn
	}
	all := map[string]any{"version": a.Version}
	for k, v := range body {
		all[k] = v
	}
	a.state = act(c.World, who, "/v1/assignments/"+a.ID+"/"+action, all)
	return a
}

// releaseTraffic: one is not for the roads, and goes to the city.
func (c *county) releaseTraffic() {
	c.T.Helper()
	a := c.handle(c.read("机12").lead(), "", "ask_return", map[string]any{"reason": "属市政道路，不在我局职责内。", "better_unit": cityUnit})
	c.handle(a, apptest.Staff, "allow_return", map[string]any{"unit_id": c.unitID[cityUnit]})
	if got := c.read("机12").lead().Unit; got != cityUnit {
		c.T.Errorf("released to %q", got)
	}
}

// signForAll: the units on the app sign; handlers find it in their own queue.
func (c *county) signForAll() {
	c.T.Helper()
	for _, unit := range []string{cityUnit, trafficUnit, farmUnit} {
		var ids []string
		eachOf(c, handlers[unit][0], "/v1/work?step=sign", func(x struct {
			AssignmentID string `json:"assignment_id"`
		}) {
			ids = append(ids, x.AssignmentID)
		})
		for _, id := range ids {
			act(c.World, handlers[unit][1], "/v1/assignments/"+id+"/sign_for", signFor(1))
		}
	}
}

// localNotice is that of a local holiday, as the prefecture sent it.
const localNotice = "肉孜节：3月20日（周五）至3月24日（周二）放假调休，共5天。3月14日（周六）、3月28日（周六）上班。"

// moveTheHoliday: what is open moves when the notice is confirmed, not before. From
// Tuesday, 10 March, the tenth working day was Tuesday, 24 March; with the holiday
// and the Saturday that is worked it is Thursday, 26 March.
func (c *county) moveTheHoliday() {
	c.T.Helper()
	var v struct {
		Days, Remove, Problems []any
		Changes                struct{ Count int }
		Digest                 string
	}
	c.Post(apptest.Staff, "/v1/holidays/preview", map[string]any{"text": localNotice, "year": 2026, "local": true}).Into(c.T, http.StatusOK, &v)
	if len(v.Days) != 7 || len(v.Problems) != 0 || v.Changes.Count != 46 { // forty-five leading units and one that helps
		c.T.Fatalf("the notice: %+v", v)
	}
	end := func(month time.Month, day int) time.Time { return calendar.Date(2026, month, day).End() }
	wantDue := func(name string, want time.Time) {
		c.T.Helper()
		if got := c.read(name).replyDue(); !got.Equal(want) {
			c.T.Errorf("the answer to %s is due %v, want %v", name, got, want)
		}
	}
	wantDue("纸3", end(time.March, 24))
	wantDue("机12", end(time.March, 25)) // with its second unit since the 11th
	c.Post(apptest.Staff, "/v1/holidays", map[string]any{"days": v.Days, "digest": v.Digest}).Want(c.T, http.StatusOK)
	wantDue("纸3", end(time.March, 26))
	wantDue("机12", end(time.March, 27))
	wantDue("纸40", end(time.March, 26))
}

// extend: five working days more, from 26 March over a Saturday that is worked to
// Wednesday, 1 April.
func (c *county) extend() {
	c.T.Helper()
	a := c.read("机8").lead()
	a = c.handle(a, "", "report_progress", map[string]any{"text": "已到田间查看，正在比选方案。", "percent": 30})
	a = c.handle(a, "", "ask_extension", map[string]any{"working_days": 5, "reason": "需要招标。"})
	c.handle(a, apptest.ProposalStaff, "grant_extension", nil)
	if got, want := c.read("机8").replyDue(), calendar.Date(2026, time.April, 1).End(); !got.Equal(want) {
		c.T.Errorf("the extended answer is due %v, want %v", got, want)
	}
}

// replied lets the unit that leads answer, and notes when the first answer was due.
func (c *county) replied(name string) unitPart {
	c.T.Helper()
	d := c.read(name)
	a := d.lead()
	if a.Status == "DISPATCHED" {
		a = c.handle(a, "", "sign_for", signFor(1))
		d = c.read(name)
	}
	c.noteDue(d)
	body := replyBody(0)
	delete(body, "version")
	return c.handle(a, "", "reply", body)
}

func (c *county) noteDue(d docket) {
	if _, known := c.due[d.ID]; !known {
		c.due[d.ID] = d.replyDue()
	}
}

// answer lets units answer, and the office pass it.
func (c *county) answer(names ...string) {
	c.T.Helper()
	for _, name := range names {
		if name == "机2" { // first the unit that helps
			d := c.read(name)
			i := slices.IndexFunc(d.Assignments, func(a unitPart) bool { return a.Role == "CO" })
			c.handle(d.Assignments[i], "", "give_opinion", map[string]any{"body": "我局配合施划标线。"})
		}
		c.handle(c.replied(name), apptest.ProposalStaff, "pass", nil)
	}
}

func (c *county) sendBack(name string) {
	c.T.Helper()
	c.handle(c.replied(name), apptest.ProposalStaff, "send_back_reply", map[string]any{"reason": "请写明完成的日期。"})
}

// author is the first author of a suggestion.
func (c *county) author(name string) string { return c.read(name).Authors[0].Name }

func (c *county) rate(name, attitude, result string) {
	c.T.Helper()
	step(c.World, c.author(name), c.id[name], "rate", map[string]any{"attitude": attitude, "result": result})
}

func (c *county) object(name, attitude string) {
	c.T.Helper()
	step(c.World, c.author(name), c.id[name], "object", map[string]any{"attitude": attitude, "reason": "答复没有回应所提的问题。"})
}

func (c *county) handleOnceMore() {
	c.T.Helper()
	step(c.World, apptest.Staff, c.id["机6"], "rehandle", map[string]any{"reason": "请到现场核查后再答复。"})
}

func (c *county) uphold(name string) {
	c.T.Helper()
	step(c.World, apptest.ProposalStaff, c.id[name], "uphold", map[string]any{"reason": "已超出本级事权，维持原答复。"})
}

// typeWhatUnitsAnswered: two units sent paper. It is typed after the answers were
// due, and counts by its own dates.
func (c *county) typeWhatUnitsAnswered() {
	c.T.Helper()
	sign := [][]string{{"编号", "承办单位", "经办人", "联系电话", "纸件署名", "纸件日期"}}
	reply := [][]string{{"编号", "承办单位", "办理结果", "答复内容", "联系人", "联系电话", "沟通方式", "纸件日期"}}
	pass := [][]string{{"编号", "承办单位"}}
	for unit, on := range map[string][2]string{healthUnit: {"2026-03-11", "2026-03-18"}, forestUnit: {"2026-03-12", "2026年3月26日"}} {
		for _, name := range c.of(unit) {
			d := c.read(name)
			c.noteDue(d)
			sign = append(sign, []string{d.Number, unit, "白经办", "0991-5550101", "白经办", on[0]})
			reply = append(reply, []string{d.Number, unit, "A", "已经办理，详见附件。", "白经办", "0991-5550101", "电话", on[1]})
			pass = append(pass, []string{d.Number, unit})
		}
	}
	c.run("/v1/assignments/sheets/sign_for", sign...)
	c.run("/v1/assignments/sheets/reply", reply...)
	c.run("/v1/assignments/sheets/pass", pass...)
}

// rateByTelephone: ten members without the app are called the day before; six of
// the calls are recorded one by one, four by a spreadsheet.
func (c *county) rateByTelephone() {
	c.T.Helper()
	paper := map[string]any{"date": "2026-03-31", "way": "PHONE"}
	for name, said := range map[string][2]string{
		"纸9": {"SATISFIED", "SATISFIED"}, "纸10": {"SATISFIED", "SATISFIED"}, "纸11": {"BASICALLY", "SATISFIED"},
		"纸13": {"SATISFIED", "BASICALLY"}, "纸14": {"SATISFIED", "SATISFIED"}, "纸15": {"DISSATISFIED", "BASICALLY"},
	} {
		step(c.World, apptest.Staff, c.id[name], "rate", map[string]any{"attitude": said[0], "result": said[1], "paper": paper})
	}
	rows := [][]string{{"编号", "办理态度", "办理结果", "意见", "纸件日期", "记录方式"}}
	for _, r := range [][3]string{{"纸16", "满意", "满意"}, {"纸17", "不满意", "基本满意"}, {"纸18", "满意", "满意"}, {"纸19", "基本满意", "基本满意"}} {
		rows = append(rows, []string{c.read(r[0]).Number, r[1], r[2], fmt.Sprint("电话答复：", r[1]), "2026-03-31", "电话"})
	}
	c.run("/v1/suggestions/sheets/rate", rows...)
}
