package api_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
)

// TestAcceptanceOfACountyOffice is the story of an office and its 微建议 in the
// spring of 2026, told through the API alone: from the tables of the roster to the
// last call to somebody whom no message reached. The numbers that it ends with were
// counted by hand (acceptance_count_test.go).
func TestAcceptanceOfACountyOffice(t *testing.T) {
	t.Parallel()
	c := openTheOffice(t, memberNames[4], memberNames[5], memberNames[7]) // three of the four who get no messages of WeChat
	c.allow()

	c.on(time.March, 9) // Monday
	c.enterThePapers()
	c.takeFromPhones()
	c.waits(apptest.Staff, 52)
	c.mergeTwoGroups()
	c.rejectThree()
	c.acceptTheRest()
	c.numberTheList()
	c.waits(apptest.Staff, 45)

	c.on(time.March, 10)
	c.dispatchAll()
	c.waits(apptest.Staff, 0)
	c.waits(handlers[cityUnit][0], 10) // nine of its own, one with another

	c.on(time.March, 11)
	c.releaseTraffic()
	c.signForAll()
	c.on(time.March, 12)
	c.moveTheHoliday()
	c.on(time.March, 16)
	c.extend()

	c.on(time.March, 17)
	c.answer(c.of(cityUnit)...)
	c.on(time.March, 18)
	c.answer("纸2", "纸27", "纸32", "纸37", "机2", "机7")
	c.rate("纸1", "SATISFIED", "SATISFIED")
	c.rate("纸31", "DISSATISFIED", "BASICALLY")
	c.object("机6", "BASICALLY")
	c.on(time.March, 19)
	c.handleOnceMore()
	c.answer("纸8", "纸13", "纸18", "纸28", "纸33", "纸38")
	c.sendBack("纸3")
	c.rate("机2", "SATISFIED", "BASICALLY")
	c.rate("纸2", "SATISFIED", "SATISFIED")
	c.on(time.March, 23)
	c.object("纸33", "SATISFIED")
	c.uphold("纸33")

	c.on(time.March, 25)
	c.answer("纸3", "机6") // mended, and handled once more
	c.on(time.March, 26)
	c.rate("纸3", "SATISFIED", "BASICALLY")
	c.rate("机6", "BASICALLY", "BASICALLY")
	c.on(time.March, 27)
	c.answer("纸17") // a day late
	c.on(time.March, 30)
	c.answer("机8") // in the time that was granted
	c.typeWhatUnitsAnswered()
	c.rate("机8", "SATISFIED", "SATISFIED")
	c.rate("机4", "BASICALLY", "BASICALLY")
	c.rate("机9", "SATISFIED", "SATISFIED")

	c.on(time.April, 1)
	c.rateByTelephone()
	c.call()
	c.on(time.April, 7) // what nobody on the app has rated is over
	c.call()
	c.everyAuthorKnows()
	c.tally()
	c.auditIsWhole()
	c.chainIsWhole()
}

// waits holds how much waits for somebody.
func (c *county) waits(name string, want int) {
	c.T.Helper()
	var n struct{ All int }
	if c.Get(name, "/v1/work/count").Into(c.T, http.StatusOK, &n); n.All != want {
		c.T.Errorf("%d wait for %s, want %d", n.All, name, want)
	}
}

// enterThePapers: the clerk types forty papers of the last days by a spreadsheet.
func (c *county) enterThePapers() {
	c.T.Helper()
	rows := [][]string{submitHeading}
	co := map[int]string{5: "皇甫静、帕提古丽·司马义", 15: "阿依古丽·热合曼；木合塔尔·吾斯曼", 25: "欧阳𠮷，公孙策", 35: "㛃然、上官婉云"}
	for i := 1; i <= 40; i++ {
		rows = append(rows, []string{
			memberNames[(i-1)%30], "", fmt.Sprint("纸件建议之", i), "情况和建议写在纸上，由信息科照录，请尽快研究办理。", remits[(i-1)%5].word, co[i],
			fmt.Sprintf("2026-03-%02d", 4+i%3), "",
		})
	}
	for i, id := range c.run(submitSheet, rows...) {
		c.id[fmt.Sprint("纸", i+1)] = id
	}
}

// takeFromPhones: the eight members on the app hand in twelve, one with pictures,
// two with co-authors, of whom one does not want to be one.
func (c *county) takeFromPhones() {
	c.T.Helper()
	for i := 1; i <= 12; i++ {
		name := memberNames[(i-1)%membersOnApp]
		more := map[string]any{"title": fmt.Sprint("手机建议之", i), "category": remits[(i-1)%5].category}
		switch i {
		case 1:
			more["pictures"] = []string{c.Uploaded(name, "路面.jpg", attachmenttest.JPEG(40, 30)), c.Uploaded(name, "路口.jpg", attachmenttest.JPEG(30, 40))}
		case 4:
			more["co_author_ids"] = []string{c.Person(memberNames[1]).ID}
		case 9:
			more["co_author_ids"] = []string{c.Person(memberNames[2]).ID, c.Person(memberNames[5]).ID}
		}
		c.id[fmt.Sprint("机", i)] = begin(c.World, name, more).ID
	}
	step(c.World, memberNames[1], c.id["机4"], "agree", nil)
	step(c.World, memberNames[2], c.id["机9"], "decline", nil)
	step(c.World, memberNames[5], c.id["机9"], "agree", nil)
}

// mergeTwoGroups: six in two groups of three, into a paper and into one of a phone.
func (c *county) mergeTwoGroups() {
	c.T.Helper()
	for lead, others := range map[string][]string{"纸1": {"纸26", "机11"}, "机2": {"纸7", "纸12"}} {
		for _, name := range others {
			step(c.World, apptest.Staff, c.id[name], "merge", map[string]any{"target_id": c.id[lead], "note": "两件建议的是同一件事。"})
		}
	}
}

func (c *county) rejectThree() {
	c.T.Helper()
	for name, why := range map[string][2]string{"纸22": {"LITIGATION", "COURT"}, "纸23": {"PERSONAL", "HOTLINE"}, "机3": {"BEYOND", "UPPER_BODY"}} {
		step(c.World, apptest.Staff, c.id[name], "reject", map[string]any{"code": why[0], "channel": why[1], "reason": "不属于微建议的受理范围。"})
	}
}

// unitLater are those that staff accept without a unit in mind yet.
var unitLater = []string{"机2", "纸39"}

// acceptTheRest: in one list, each with the unit that staff propose but for two.
func (c *county) acceptTheRest() {
	c.T.Helper()
	var items []any
	for _, name := range c.in("SUBMITTED") {
		input := map[string]any{"version": c.read(name).Version, "route": "DIRECT_UNIT"}
		if !slices.Contains(unitLater, name) {
			input["lead_unit_id"] = c.unitID[unitOf(c.read(name).Category)]
		}
		items = append(items, map[string]any{"id": c.id[name], "input": input})
	}
	c.Post(apptest.ProposalStaff, "/v1/suggestions/bulk/accept", map[string]any{"items": items}).Want(c.T, http.StatusOK)
}

// numberedList is the order that staff set, written by hand: by category, then by the
// date of the paper, then as they came. The first is 第31号.
var numberedList = []string{
	"纸3", "纸18", "纸33", "纸13", "纸28", "纸8", "纸38", "机8", // 农业农村
	"纸6", "纸21", "纸36", "纸1", "纸16", "纸31", "纸11", "机1", "机6", // 城市建设
	"纸27", "纸37", "纸2", "纸17", "纸32", "机2", "机7", "机12", // 交通出行
	"纸9", "纸24", "纸39", "纸4", "纸19", "纸34", "纸14", "纸29", "机4", "机9", // 医疗卫生
	"纸15", "纸30", "纸10", "纸25", "纸40", "纸5", "纸20", "纸35", "机5", "机10", // 生态环境
}

// numberTheList: the office sorts what it accepted as it wants it printed, which is
// not how it arrived, and begins at 31.
func (c *county) numberTheList() {
	c.T.Helper()
	type line struct {
		ID, Category string
		SubmittedAt  time.Time `json:"submitted_at"`
	}
	var list []line
	eachOf(c, apptest.Staff, "/v1/suggestions?status=ACCEPTED", func(l line) { list = append(list, l) })
	order := []string{"AGRICULTURE", "CITY", "TRAFFIC", "HEALTH", "ENVIRONMENT"}
	slices.SortFunc(list, func(a, b line) int {
		return cmp.Or(slices.Index(order, a.Category)-slices.Index(order, b.Category), a.SubmittedAt.Compare(b.SubmittedAt), cmp.Compare(a.ID, b.ID))
	})
	var ids []string
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	var v struct{ Items []struct{ ID, Number string } }
	c.Post(apptest.Staff, "/v1/suggestions/numbers", map[string]any{"ids": ids, "start": 31}).Into(c.T, http.StatusOK, &v)
	if len(v.Items) != len(numberedList) {
		c.T.Fatalf("%d are numbered, want %d", len(v.Items), len(numberedList))
	}
	for i, name := range numberedList {
		want := fmt.Sprintf("2026年第%d号", 31+i)
		if v.Items[i].ID != c.id[name] || v.Items[i].Number != want || c.read(name).Number != want {
			c.T.Errorf("%s is %s for the office, want %s", name, c.read(name).Number, want)
		}
	}
}

// dispatchAll: what has its unit in one list, the two others by hand, one of them
// with a co-unit.
func (c *county) dispatchAll() {
	c.T.Helper()
	var items []any
	for _, name := range numberedList {
		if !slices.Contains(unitLater, name) {
			items = append(items, map[string]any{"id": c.id[name], "input": map[string]any{"version": c.read(name).Version}})
		}
	}
	c.Post(apptest.Staff, "/v1/suggestions/bulk/dispatch", map[string]any{"items": items}).Want(c.T, http.StatusOK)
	step(c.World, apptest.Staff, c.id["机2"], "dispatch", map[string]any{"lead_unit_id": c.unitID[trafficUnit], "co_unit_ids": []string{c.unitID[cityUnit]}})
	step(c.World, apptest.Staff, c.id["纸39"], "dispatch", map[string]any{"lead_unit_id": c.unitID[healthUnit], "requirement": "请与委员电话沟通。"})
}
