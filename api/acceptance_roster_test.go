package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/member"
)

// The units of the county of the acceptance run, each with one category of what
// comes in. The last two have nobody on the app, and answer on paper.
const (
	cityUnit    = "言城县城市管理局"
	trafficUnit = "言城县交通运输局"
	farmUnit    = "言城县农业农村局"
	healthUnit  = "言城县卫生健康局"
	forestUnit  = "言城县林业和草原局"
)

// remits are the categories, with their words and whose they are: suggestions come
// in turn in each of them.
var remits = []struct{ category, word, unit string }{
	{"CITY", "城市建设", cityUnit}, {"TRAFFIC", "交通出行", trafficUnit}, {"AGRICULTURE", "农业农村", farmUnit},
	{"HEALTH", "医疗卫生", healthUnit}, {"ENVIRONMENT", "生态环境", forestUnit},
}

// handlers are who handles for each unit that is on the app. One of the health
// office stands in the roster, and never came to the app.
var handlers = map[string][]string{
	cityUnit: {"欧阳城", "玛依拉·托合提"}, trafficUnit: {"诸葛路", "别克·哈斯木", "韩通"}, farmUnit: {"司徒田", "其其格"}, healthUnit: {"白医"},
}

// memberNames are the members of the county, in several scripts: the first eight
// are on the app, the last five have no telephone at all.
var memberNames = []string{
	"阿依古丽·热合曼", "欧阳𠮷", "巴合提别克·努尔兰", "诸葛长风", "才让卓玛", "Anna Petrova", "司马青禾", "朝格巴图",
	"丁一", "㛃然", "上官婉云", "买买提明·阿卜杜热依木", "东方朔北", "པདྨ་དབྱངས་ཅན", "慕容秋", "哈力木拉提·沙比尔",
	"尉迟恭宁", "ئايگۈل", "令狐远山", "额尔德尼", "皇甫静", "木合塔尔·吾斯曼", "端木晴川", "洛桑次仁", "夏侯明",
	"铁木尔·达瓦买提", "钟离雪", "帕提古丽·司马义", "公孙策", "龙梅",
}

const (
	membersOnApp     = 8
	membersWithPhone = 25
)

// county is the office of the acceptance run with what came in. Suggestions are
// called after what they came on and their place there: 纸1 to 纸40, 机1 to 机12.
type county struct {
	*apptest.World
	t      *testing.T
	unitID map[string]string
	id     map[string]string    // of a suggestion
	due    map[string]time.Time // by identifier: when the first answer was due, as read before it was given
	reads  []string             // who looks into the program now and then
	calls  []phoneCall
}

// phoneCall is one that staff made to somebody whom no message reached.
type phoneCall struct {
	Name, Phone, Event, Title string
	MatterID                  string `json:"matter_id"`
}

// everySuggestion lists the forty and the twelve in the order in which they came.
func everySuggestion() []string {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprint("纸", i+1))
	}
	for i := range 12 {
		names = append(names, fmt.Sprint("机", i+1))
	}
	return names
}

// on turns the clock to ten in the morning of a day of 2026.
func (c *county) on(month time.Month, day int) {
	c.T.Helper()
	c.turnTo(calendar.Date(2026, month, day))
}

// turnTo turns the clock to ten in the morning of a day. Whoever did not come for a
// week logs in again.
func (c *county) turnTo(day calendar.Day) {
	c.T.Helper()
	morning, now := day.Start().Add(10*time.Hour), c.Clock.Now()
	if now.After(morning.Add(time.Hour)) {
		c.T.Fatalf("%s is over", morning)
	}
	c.Clock.Advance(morning.Sub(now))
	if morning.Sub(now) > 7*24*time.Hour {
		c.LoginAgain()
	}
	c.work()
}

// work lets the program do what it does by itself: it pushes what is queued, lists
// whom it did not reach, reminds, and ends what ran out. Before, who looks into the
// program now and then does so.
func (c *county) work() {
	c.T.Helper()
	for _, name := range c.reads {
		var box struct{ Items []struct{ ID string } }
		c.Get(name, "/v1/inbox?unread=true").Into(c.T, http.StatusOK, &box)
		if len(box.Items) > 0 {
			c.Post(name, "/v1/inbox/read", map[string]any{"up_to": box.Items[0].ID}).Want(c.T, http.StatusOK)
		}
	}
	for range 1000 {
		sent, err := c.Dispatcher.Once(c.T.Context())
		unread, err2 := c.Notify.Ripen(c.T.Context())
		late, err3 := c.Watch.Remind(c.T.Context())
		over, err4 := c.Matters.Expire(c.T.Context())
		if err := errors.Join(err, err2, err3, err4); err != nil {
			c.T.Fatal(err)
		}
		if sent == 0 && !unread && !late && !over {
			return
		}
	}
	c.T.Fatal("the jobs do not come to an end")
}

// enrol imports a table into the roster, as administrators do.
func (c *county) enrol(kind string, rows ...[]string) {
	c.T.Helper()
	body := map[string]any{"attachment_id": c.Uploaded(apptest.Admin, "名册.csv", csvOf(c.t, rows...)), "kind": kind}
	var v struct {
		Counts struct{ New, Changed, Wrong int }
		Rows   []struct {
			Problems []struct{ Column, Message string }
		}
		Digest string
	}
	c.Post(apptest.Admin, "/v1/roster/preview", body).Into(c.T, http.StatusOK, &v)
	if v.Counts.New != len(rows)-1 || v.Counts.Wrong != 0 || v.Counts.Changed != 0 {
		c.T.Fatalf("the table of %s: %+v", kind, v)
	}
	body["digest"] = v.Digest
	c.Post(apptest.Admin, "/v1/roster", body).Want(c.T, http.StatusOK)
}

// openTheOffice fills the roster by tables, and lets those who have a telephone
// for it bind theirs. Reads are those members who look into the program.
func openTheOffice(t *testing.T, reads ...string) *county {
	t.Helper()
	c := &county{World: apptest.New(t), t: t, reads: reads, unitID: map[string]string{}, id: map[string]string{}, due: map[string]time.Time{}}
	units := [][]string{{"单位名称", "类型"}}
	staff := [][]string{{"姓名", "手机号", "角色", "单位"}}
	phoneOf := map[string]string{}
	for i, l := range remits {
		units = append(units, []string{l.unit, "承办单位"})
		for j, name := range handlers[l.unit] {
			phoneOf[name] = fmt.Sprintf("1370000%02d%02d", i, j)
			staff = append(staff, []string{name, phoneOf[name], "承办单位经办人", l.unit})
		}
	}
	members := [][]string{{"姓名", "手机号", "界别", "联络组", "届次", "任职日期"}}
	for i, name := range memberNames {
		if i < membersWithPhone {
			phoneOf[name] = fmt.Sprintf("139000000%02d", i)
		}
		members = append(members, []string{name, phoneOf[name], []string{"农业界", "教育界", "工商联界"}[i%3], "第一联络组", "第十一届", "2025-01-10"})
	}
	c.enrol("UNITS", units...)
	c.enrol("STAFF", staff...)
	c.enrol("MEMBERS", members...)

	eachOf(c, apptest.Staff, "/v1/units?", func(u struct{ ID, Name string }) { c.unitID[u.Name] = u.ID })
	eachOf(c, apptest.Admin, "/v1/people?", func(p struct{ ID, Name string }) {
		if slices.Contains(memberNames, p.Name) || phoneOf[p.Name] != "" {
			c.Enrol(member.Person{ID: p.ID, InstitutionID: c.County.ID, Name: p.Name}, phoneOf[p.Name])
		}
	})
	for _, name := range memberNames[:membersOnApp] {
		c.Token(name)
	}
	return c
}

// allow lets the first four of the members allow messages of WeChat about what is
// decided and answered; the others allow none.
func (c *county) allow() {
	c.T.Helper()
	for _, name := range memberNames[:4] {
		var consents []any
		for _, event := range []string{"decision", "reply"} {
			consents = append(consents, map[string]any{"template_id": "template-" + event, "accepted": true})
			c.Sim.Grant(c.OpenID(name), "template-"+event, 30)
		}
		for range 30 {
			c.Post(name, "/v1/grants", map[string]any{"consents": consents}).Want(c.T, http.StatusOK)
		}
	}
}

// eachOf reads a list to its end, by pages as small as a telephone's.
func eachOf[T any](c *county, name, path string, do func(T)) {
	c.T.Helper()
	for after := ""; ; {
		var page struct {
			Items []T
			Next  string
		}
		c.Get(name, path+"&limit=20&after="+after).Into(c.T, http.StatusOK, &page)
		for _, x := range page.Items {
			do(x)
		}
		if after = page.Next; after == "" {
			return
		}
	}
}

// run brings a spreadsheet in as the clerk: it is looked at, and confirmed where
// every row of it is right. It returns what became of the rows.
func (c *county) run(path string, rows ...[]string) []string {
	c.T.Helper()
	s := bring(c.World, apptest.Staff, path, "登记表.xlsx", workbookOf(c.t, rows...))
	v := s.preview()
	if v.Good != len(rows)-1 || v.Wrong != 0 || v.Warnings != 0 {
		c.T.Fatalf("%s: %d rows are right: %s", path, v.Good, strings.Join(v.problems(), "\n"))
	}
	var done struct{ Items []struct{ ID string } }
	s.confirm(v.Digest, false).Into(c.T, http.StatusOK, &done)
	var ids []string
	for _, x := range done.Items {
		ids = append(ids, x.ID)
	}
	return ids
}
