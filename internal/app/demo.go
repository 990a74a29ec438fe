package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/api"
	"yanlu/config"
	"yanlu/internal/account"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/proposal"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// withDemoTemplates adds the templates of the demo where none is configured.
func withDemoTemplates(c config.Config) config.Config {
	if len(c.WeChat.Templates) > 0 {
		return c
	}
	c.WeChat.Templates = map[string]config.Template{}
	for event, fields := range map[notify.Event]map[string]string{
		notify.Decision: {"thing1": "title", "phrase2": "status", "thing3": "note", "time4": "time"},
		notify.Reply:    {"thing1": "title", "thing2": "unit", "phrase3": "outcome", "time4": "time"},
		notify.Progress: {"thing1": "title", "thing2": "note", "time3": "time"},
		notify.Task:     {"thing1": "title", "phrase2": "kind", "thing3": "note", "date4": "due"},
		notify.Reminder: {"thing1": "title", "character_string2": "number", "thing3": "note", "date4": "due"},
	} {
		c.WeChat.Templates[string(event)] = config.Template{
			ID: "demo-template-" + string(event), Page: "pages/matter/index?kind={kind}&id={id}", Fields: fields,
		}
	}
	return c
}

// startSimulator starts a platform that knows the mini-program of c.
func startSimulator(c config.Config) (*simulator.Simulator, error) {
	sim, err := simulator.Start(simulator.Config{AppID: c.WeChat.AppID, Secret: c.WeChat.Secret.Reveal()})
	if err != nil {
		return nil, fmt.Errorf("start the simulated WeChat: %w", err)
	}
	for _, t := range c.WeChat.Templates {
		sim.Template(t.ID, slices.Sorted(maps.Keys(t.Fields))...)
	}
	return sim, nil
}

// listen lets the platform push its events to the program at address.
func (d demo) listen(address string) error {
	w := d.app.config.WeChat
	return d.sim.SetCallback(simulator.Callback{
		URL: "http://" + address + "/wechat/callback", Token: w.CallbackToken.Reveal(), AESKey: w.CallbackAESKey.Reveal(),
	})
}

// demo plays the telephones of the demo's people. It implements api.Demo.
type demo struct {
	app *App
	sim *simulator.Simulator
}

func openIDOf(personID string) string { return "demo-" + personID }

// People implements api.Demo.
func (d demo) People(ctx context.Context) ([]api.DemoPerson, error) {
	people, err := gorm.G[member.Person](d.app.DB.Gorm(ctx)).Order("id").Limit(100).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the demo's people: %w", err)
	}
	by, err := d.app.People.Appointments(ctx, d.app.DB, people)
	if err != nil {
		return nil, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return nil, err
	}
	labels := member.Roles()
	var list []api.DemoPerson
	for _, p := range people {
		place := names[p.InstitutionID]
		var roles []string
		for _, x := range by[p.ID] {
			roles = append(roles, labels[x.Role])
			if x.UnitID != nil {
				place = names[*x.UnitID]
			}
		}
		if p.Position != "" {
			roles = []string{p.Position}
		}
		if p.Sector != "" {
			roles = append(roles, p.Sector, p.GroupName)
		}
		phone, err := d.app.People.Phone(p)
		if err != nil {
			return nil, err
		}
		list = append(list, api.DemoPerson{ID: p.ID, Name: p.Name, Roles: strings.Join(roles, " · "), Institution: place, Phone: phone})
	}
	return list, nil
}

// names returns what institutions and units are called, by identifier.
func (d demo) names(ctx context.Context) (map[string]string, error) {
	var rows []struct{ ID, Name string }
	err := d.app.DB.Gorm(ctx).Raw("SELECT id, name FROM institutions UNION ALL SELECT id, name FROM units").Scan(&rows).Error
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

func (d demo) person(ctx context.Context, id string) (api.DemoPerson, error) {
	people, err := d.People(ctx)
	if err != nil {
		return api.DemoPerson{}, err
	}
	for _, p := range people {
		if p.ID == id {
			return p, nil
		}
	}
	return api.DemoPerson{}, api.ErrNoDemoPerson
}

// LoginCode implements api.Demo.
func (d demo) LoginCode(ctx context.Context, personID string) (string, error) {
	p, err := d.person(ctx, personID)
	if err != nil {
		return "", err
	}
	return d.sim.LoginCode(openIDOf(p.ID)), nil
}

// PhoneCode implements api.Demo.
func (d demo) PhoneCode(ctx context.Context, personID string) (string, error) {
	p, err := d.person(ctx, personID)
	if err != nil {
		return "", err
	}
	return d.sim.PhoneCode(openIDOf(p.ID), p.Phone), nil
}

// Enter implements api.Demo: the person's telephone logs in, binds the first time,
// sits down at the desk and is put away.
func (d demo) Enter(ctx context.Context, personID, device, address string) (string, account.Session, error) {
	p, err := d.person(ctx, personID)
	if err != nil {
		return "", account.Session{}, err
	}
	accounts, openID := d.app.Accounts, openIDOf(p.ID)
	_, phone, err := accounts.Login(ctx, d.sim.LoginCode(openID), "演示手机", address)
	if err != nil {
		return "", account.Session{}, err
	}
	caller, err := accounts.Again(ctx, phone.ID)
	if err == nil && caller.BindingID == "" {
		if err = accounts.BindByPhone(ctx, caller, d.sim.PhoneCode(openID, p.Phone), address); err == nil {
			caller, err = accounts.Again(ctx, phone.ID)
		}
	}
	if err != nil {
		return "", account.Session{}, err
	}
	token, session, err := accounts.SitDown(ctx, caller, device)
	if err != nil {
		return "", account.Session{}, err
	}
	return token, session, d.app.DB.Tx(ctx, func(tx *store.Tx) error {
		return accounts.EndSession(ctx, tx, phone.AccountID, phone.ID)
	})
}

// Consent implements api.Demo.
func (d demo) Consent(ctx context.Context, personID string) error {
	p, err := d.person(ctx, personID)
	if err != nil {
		return err
	}
	var items []simulator.Item
	for _, t := range d.app.Notify.Templates() {
		d.sim.Grant(openIDOf(p.ID), t.ID, 1)
		items = append(items, simulator.Item{TemplateID: t.ID, Status: "accept"})
	}
	return d.sim.Push(simulator.Event{Type: simulator.EventPopup, OpenID: openIDOf(p.ID), List: items})
}

// Pushes implements api.Demo.
func (d demo) Pushes(ctx context.Context) ([]api.DemoPush, error) {
	people, err := d.People(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range people {
		names[openIDOf(p.ID)] = p.Name
	}
	var pushes []api.DemoPush
	for _, s := range d.sim.Sent() {
		p := api.DemoPush{At: s.At.In(calendar.Beijing()), To: names[s.OpenID], Page: s.Page}
		for _, field := range slices.Sorted(maps.Keys(s.Fields)) {
			p.Fields = append(p.Fields, s.Fields[field])
		}
		pushes = append(pushes, p)
	}
	slices.Reverse(pushes)
	return pushes, nil
}

// demoPerson is a row of the demo's roster. All names are made up; the numbers
// are in no operator's use (138 0000 ….).
type demoPerson struct {
	name, phone   string
	position      string
	sector, group string // of members
	roles         []member.Role
	unit          int // of handlers: 1 to 3
}

var demoUnits = []string{"言城县住房和城乡建设局", "言城县水利局", "言城县教育局"}

var demoRoster = []demoPerson{
	{name: "古丽娜尔·艾山", phone: "13800000001", sector: "少数民族界", group: "第一联络组", roles: []member.Role{member.Member}},
	{name: "李春山", phone: "13800000002", sector: "农业界", group: "第一联络组", roles: []member.Role{member.Member}},
	{name: "扎西卓玛", phone: "13800000003", sector: "教育界", group: "第二联络组", roles: []member.Role{member.Member}},
	{name: "欧阳敏", phone: "13800000004", sector: "医药卫生界", group: "第二联络组", roles: []member.Role{member.Member}},
	{name: "王静", phone: "13800000011", roles: []member.Role{member.InfoStaff}},
	{name: "买买提·吐尔逊", phone: "13800000012", roles: []member.Role{member.ProposalStaff}},
	{name: "赵立言", phone: "13800000013", position: "秘书长", roles: []member.Role{member.Leader}},
	{name: "陈一帆", phone: "13800000021", roles: []member.Role{member.UnitHandler}, unit: 1},
	{name: "阿依努尔·买买提", phone: "13800000022", roles: []member.Role{member.UnitHandler}, unit: 2},
	{name: "周小禾", phone: "13800000023", roles: []member.Role{member.UnitHandler}, unit: 3},
	{name: "林管理", phone: "13800000031", roles: []member.Role{member.PlatformAdmin}},
}

// seedDemo fills an empty database with a county. It does nothing where there
// is an institution already.
func (a *App) seedDemo(ctx context.Context) error {
	n, err := gorm.G[institution.Institution](a.DB.Gorm(ctx)).Limit(1).Count(ctx, "*")
	if err != nil || n > 0 {
		return err
	}
	now := a.Now()
	return a.DB.Tx(ctx, func(tx *store.Tx) error {
		county := institution.Add(tx, now, "言城县政协", institution.County, institution.SmallOffice, nil)
		// Who tries the demo at night wants to see what is pushed.
		if err := institution.Set(tx, now, county.ID, notify.QuietHours(), json.RawMessage(`{"from":"","to":""}`)); err != nil {
			return err
		}
		begins := calendar.Date(calendar.Of(now).Year()-1, time.January, 10)
		term := member.AddTerm(tx, county.ID, 11, begins, begins.Add(5*365))
		var units []institution.Unit
		for _, name := range demoUnits {
			units = append(units, institution.AddUnit(tx, now, county.ID, name, institution.HandlingUnit))
		}
		for i, name := range []string{"农业界", "教育界", "医药卫生界", "少数民族界"} {
			member.AddDivision(tx, now, county.ID, member.Sector, name, i+1)
		}
		for i, name := range []string{"第一联络组", "第二联络组"} {
			member.AddDivision(tx, now, county.ID, member.Group, name, i+1)
		}
		for _, d := range demoRoster {
			n := member.NewPerson{InstitutionID: county.ID, Name: d.name, Phone: d.phone, Position: d.position, Sector: d.sector, GroupName: d.group}
			if d.sector != "" {
				n.TermID = &term.ID
			}
			p, err := a.People.Add(tx, now, n)
			if err != nil {
				return err
			}
			for _, r := range d.roles {
				unit := ""
				if d.unit > 0 {
					unit = units[d.unit-1].ID
				}
				member.Appoint(tx, now, p, r, unit)
			}
		}
		member.PlaceSectors(tx, county.ID)
		if err := a.seedCollections(ctx, tx, term); err != nil {
			return err
		}
		return a.seedPhrases(tx, county.ID)
	})
}

// seedCollections opens the collection of the next session, and one of the body
// above.
func (a *App) seedCollections(ctx context.Context, tx *store.Tx, term member.Term) error {
	today := calendar.Of(a.Now())
	opens := today.Add(45)
	for _, in := range []proposal.CollectionInput{
		{TermID: term.ID, Session: 2, Opens: opens, Deadline: opens.Add(1).Start().Add(18 * time.Hour)},
		{Body: "言州政协", Name: "五届三次会议", Begins: today.Add(-10), Deadline: today.Add(60).End()},
	} {
		if _, err := a.Proposals.MakeCollection(ctx, tx, term.InstitutionID, in); err != nil {
			return err
		}
	}
	return nil
}
