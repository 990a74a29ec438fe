// Package apptest builds the whole program for a test: a private database, a
// simulated platform, a clock that can be turned, and two institutions with
// people in every role. Whatever a test asks of the API is checked against the
// OpenAPI document on the way.
package apptest

import (
	"crypto/rand"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yanlu/config"
	"yanlu/internal/app"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/proposal"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
	"yanlu/internal/wechat/simulator"
)

// TemplateID is the template of the reply. Those of other events are called
// after them alike.
const TemplateID = "template-reply"

// templates are those of every event.
func templates() map[string]config.Template {
	by := map[string]config.Template{}
	for _, event := range config.TemplateEvents() {
		by[event] = config.Template{
			ID: "template-" + event, Page: "pages/matter/index?kind={kind}&id={id}",
			Fields: map[string]string{"thing1": "title", "thing2": "unit", "phrase3": "outcome", "time4": "time"},
		}
	}
	return by
}

// World is the program with its people.
type World struct {
	*app.App
	T     testing.TB
	Sim   *simulator.Simulator
	Clock *Clock
	Log   *Log

	County, Other institution.Institution
	Units         []institution.Unit // of the county: lead, co, other
	OtherUnit     institution.Unit   // of the other institution
	people        map[string]member.Person
	phones        map[string]string
	tokens        map[string]string
	contract      *contract
	files         string // where contents lie
}

// Clock is a clock that a test turns.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond) // no two moments are the same
	return c.now
}

// Advance turns the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Log keeps what the program logged.
type Log struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Start is the first moment of every world: a Tuesday morning.
var Start = time.Date(2026, time.March, 3, 2, 0, 0, 0, time.UTC)

// The names of the people of a world. Each is a person of the county unless the
// name says otherwise.
const (
	Author        = "古丽娜尔·艾山"
	CoAuthor      = "李春山"
	OtherMember   = "扎西卓玛"
	InvitedMember = "司马文远" // who is asked to be a co-author
	Suspended     = "欧阳敏"
	Subject       = "阿不都·外力"  // nobody's telephone: what is done to a person is done to this one
	LostPhone     = "热依汗·木沙"  // whose telephone was lost
	Staff         = "王静"      // 信息科
	ProposalStaff = "买买提·吐尔逊" // 提案委
	Leader        = "赵立言"
	LeadHandler   = "阿依努尔·买买提"
	CoHandler     = "陈一帆"
	OtherHandler  = "周小禾"
	Admin         = "林管理"
	ForeignStaff  = "外县·工作人员"
	ForeignMember = "外县·委员"
	ForeignAdmin  = "外县·管理员"
	Translator    = "帕提古丽·阿不都"
)

// person is one row of the world's rosters.
type person struct {
	name, phone string
	foreign     bool
	role        member.Role
	unit        int // of handlers: 1 to 3
}

func roster() []person {
	return []person{
		{Author, "13800000001", false, member.Member, 0},
		{CoAuthor, "13800000002", false, member.Member, 0},
		{OtherMember, "13800000003", false, member.Member, 0},
		{InvitedMember, "13800000007", false, member.Member, 0},
		{Suspended, "13800000004", false, member.Member, 0},
		{Subject, "13800000005", false, member.Member, 0},
		{LostPhone, "13800000006", false, member.Member, 0},
		{Staff, "13800000011", false, member.InfoStaff, 0},
		{ProposalStaff, "13800000012", false, member.ProposalStaff, 0},
		{Leader, "13800000013", false, member.Leader, 0},
		{LeadHandler, "13800000021", false, member.UnitHandler, 1},
		{CoHandler, "13800000022", false, member.UnitHandler, 2},
		{OtherHandler, "13800000023", false, member.UnitHandler, 3},
		{Admin, "13800000031", false, member.PlatformAdmin, 0},
		{ForeignStaff, "13800000041", true, member.InfoStaff, 0},
		{ForeignMember, "13800000042", true, member.Member, 0},
		{ForeignAdmin, "13800000043", true, member.PlatformAdmin, 0},
		{Translator, "13800000044", false, member.Translator, 0},
	}
}

// Option changes the configuration of a world before it is built.
type Option func(*config.Config)

// New builds a world.
func New(t testing.TB, options ...Option) *World {
	t.Helper()
	return Build(t, storetest.Address(t), options...)
}

// Build builds a world on a migrated database without institutions.
func Build(t testing.TB, address string, options ...Option) *World {
	t.Helper()
	w := &World{
		T: t, Clock: &Clock{now: Start}, Log: &Log{}, people: map[string]member.Person{}, phones: map[string]string{}, tokens: map[string]string{},
	}
	c := config.Default(config.Demo)
	c.Database.URL = config.NewURL(address)
	w.files = t.TempDir()
	c.Files.URL = config.NewURL("folder:" + w.files)
	c.Redis.URL = config.NewURL(os.Getenv("YANLU_TEST_REDIS"))
	c.WeChat.AppID = "wx" + strings.ToLower(rand.Text()[:16]) // so that worlds on one Redis share no token
	c.WeChat.Templates = templates()
	c.Limits.RequestsPerMinute = 0
	c.Limits.LoginPerHour, c.Limits.BindingPerHour = 20_000, 1000
	c.Push.Interval = 10 * time.Millisecond
	for _, o := range options {
		o(&c)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program's log:\n%s", w.Log)
		}
	})
	w.startSimulator(c)
	a, err := app.Build(t.Context(), app.Settings{
		Config: c, Log: slog.New(slog.NewTextHandler(w.Log, nil)), Now: w.Clock.Now, PlatformURL: w.Sim.URL(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	w.App = a
	w.contract = contractOf(t, a.API)
	w.settle()
	return w
}

func (w *World) startSimulator(c config.Config) {
	sim, err := simulator.Start(simulator.Config{AppID: c.WeChat.AppID, Secret: c.WeChat.Secret.Reveal()})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, t := range c.WeChat.Templates {
		sim.Template(t.ID, slices.Sorted(maps.Keys(t.Fields))...)
	}
	w.T.Cleanup(func() {
		if err := sim.Close(); err != nil {
			w.T.Error(err)
		}
	})
	w.Sim = sim
}

// settle fills the rosters.
func (w *World) settle() {
	w.T.Helper()
	now := w.Clock.Now()
	err := w.DB.Tx(w.T.Context(), func(tx *store.Tx) error {
		w.County = institution.Add(tx, now, "言城县政协", institution.County, institution.SmallOffice, nil)
		w.Other = institution.Add(tx, now, "邻州政协", institution.Prefecture, institution.SmallOffice, nil)
		term := member.AddTerm(tx, w.County.ID, 11, calendar.Date(2025, 1, 10), calendar.Date(2030, 1, 9))
		for _, name := range []string{"言城县水利局", "言城县住房和城乡建设局", "言城县教育局"} {
			w.Units = append(w.Units, institution.AddUnit(tx, now, w.County.ID, name, institution.HandlingUnit))
		}
		member.AddDivision(tx, now, w.County.ID, member.Sector, "农业界", 1)
		member.AddDivision(tx, now, w.County.ID, member.Group, "第一联络组", 1)
		w.OtherUnit = institution.AddUnit(tx, now, w.Other.ID, "邻州水利局", institution.HandlingUnit)
		for _, x := range roster() {
			n := member.NewPerson{InstitutionID: w.County.ID, Name: x.name, Phone: x.phone}
			if x.foreign {
				n.InstitutionID = w.Other.ID
			} else if x.role == member.Member {
				n.Sector, n.GroupName, n.TermID = "农业界", "第一联络组", &term.ID
			}
			p, err := w.People.Add(tx, now, n)
			if err != nil {
				return err
			}
			unit := ""
			if x.unit > 0 {
				unit = w.Units[x.unit-1].ID
			}
			member.Appoint(tx, now, p, x.role, unit)
			w.people[x.name], w.phones[x.name] = p, x.phone
		}
		member.PlaceSectors(tx, w.County.ID)
		return w.collect(tx)
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// collect sets the county's session, whose plenary is over, and one collection of
// the body above it, which is open.
func (w *World) collect(tx *store.Tx) error {
	until := func(year int, month time.Month, day int) time.Time { return calendar.Date(year, month, day).End() }
	for _, in := range []proposal.CollectionInput{
		{Session: 2, Opens: calendar.Date(2026, time.January, 20), Deadline: until(2026, time.January, 22)},
		{Body: "邻州政协", Name: "五届四次会议", Begins: calendar.Date(2026, time.January, 1), Deadline: until(2027, time.December, 31)},
	} {
		if _, err := w.Proposals.MakeCollection(w.T.Context(), tx, w.County.ID, in); err != nil {
			return err
		}
	}
	return nil
}

// Person returns a person of the world.
func (w *World) Person(name string) member.Person {
	w.T.Helper()
	p, ok := w.people[name]
	if !ok {
		w.T.Fatalf("there is nobody called %s", name)
	}
	return p
}

// Phone returns a person's number.
func (w *World) Phone(name string) string { return w.phones[name] }

// OpenID returns the openid of a person's telephone.
func (w *World) OpenID(name string) string { return "openid-" + w.Person(name).ID }

// Write runs fn in a transaction, for what no route does.
func (w *World) Write(fn func(tx *store.Tx) error) {
	w.T.Helper()
	if err := w.DB.Tx(w.T.Context(), fn); err != nil {
		w.T.Fatal(err)
	}
}
