package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// someone is a person who acts.
type someone struct {
	member.Actor
	name, openID, phone, token string
	loggedIn                   time.Time
	bound, suspended           bool
}

// gather makes the cast: everybody of the world, and who else a body has. All
// but one get a telephone.
func (y *year) gather() {
	y.T.Helper()
	names := []string{
		apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.InvitedMember, apptest.Suspended, apptest.LostPhone, apptest.Staff,
		apptest.ProposalStaff, apptest.Leader, apptest.LeadHandler, apptest.CoHandler, apptest.OtherHandler, apptest.Admin,
		apptest.ForeignStaff, apptest.ForeignMember, apptest.ForeignAdmin, apptest.Translator, apptest.Subject, // the last has no telephone
	}
	for _, name := range names {
		y.enter(y.Person(name), y.Phone(name))
	}
	more := []struct {
		name, phone, institution string
		role                     member.Role
		unit                     string
	}{
		{"何联络", "13800000051", y.County.ID, member.Liaison, ""},
		{"马局长", "13800000052", y.County.ID, member.UnitLeader, y.Units[0].ID},
		{"外县·经办人", "13800000053", y.Other.ID, member.UnitHandler, y.OtherUnit.ID},
		{"外县·秘书长", "13800000054", y.Other.ID, member.Leader, ""},
	}
	for _, x := range more {
		var p member.Person
		y.Write(func(tx *store.Tx) (err error) {
			now := y.Clock.Now()
			p, err = y.People.Add(tx, now, member.NewPerson{InstitutionID: x.institution, Name: x.name, Phone: x.phone})
			member.Appoint(tx, now, p, x.role, x.unit)
			return err
		})
		y.enter(p, x.phone)
	}
	for _, p := range y.cast {
		if p.name != apptest.Subject {
			y.bind(p)
		}
	}
}

// enter makes somebody one of the cast, with what they are appointed to.
func (y *year) enter(p member.Person, phone string) {
	y.T.Helper()
	x := &someone{name: p.Name, openID: "openid-" + p.ID, phone: phone}
	x.Actor = member.Actor{PersonID: p.ID, InstitutionID: p.InstitutionID, Profile: institution.SmallOffice}
	var held []member.Appointment
	y.read(&held, "SELECT * FROM appointments WHERE person_id = ? ORDER BY id", p.ID)
	for _, h := range held {
		x.Held = append(x.Held, member.Held{Role: h.Role, UnitID: text(h.UnitID)})
	}
	y.cast, y.names[p.ID] = append(y.cast, x), p.Name
}

// of finds those of the cast who are something.
func (y *year) of(is func(*someone) bool) []*someone {
	return slices.DeleteFunc(slices.Clone(y.cast), func(p *someone) bool { return !is(p) })
}

// acting are those who have a telephone and are not suspended.
func (y *year) acting(roles ...member.Role) []*someone {
	return y.of(func(p *someone) bool { return p.bound && !p.suspended && (len(roles) == 0 || p.IsAny(roles...)) })
}

// holdersOf lists the holders of waiting rows that somebody stands for: in
// person, in their roles and for their units.
func holdersOf(p *someone) []string {
	holders := []string{matter.PersonHolder(p.PersonID)}
	for _, r := range p.Roles() {
		holders = append(holders, matter.RoleHolder(r))
	}
	for _, u := range p.Units() {
		holders = append(holders, matter.UnitHolder(u))
	}
	return holders
}

// session returns a token of somebody's that has not run out.
func (y *year) session(p *someone) string {
	y.T.Helper()
	if y.Clock.Now().Sub(p.loggedIn) > 20*24*time.Hour {
		p.token, p.loggedIn = y.LoginAs(p.openID), y.Clock.Now()
	}
	return p.token
}

// bind gives somebody their telephone.
func (y *year) bind(p *someone) {
	y.T.Helper()
	p.token, p.loggedIn = y.LoginAs(p.openID), y.Clock.Now()
	y.Bind(p.token, p.openID, p.phone).Want(y.T, http.StatusCreated)
	p.bound = true
}

// listed follows the pages of a kind's list, of one state or of all.
func (y *year) listed(p *someone, kind matter.Kind, status workflow.Status) []string {
	y.T.Helper()
	var ids []string
	for after := ""; ; {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		y.get(p, base(kind)+"?limit=100&after="+url.QueryEscape(after)+"&status="+string(status), &page)
		for _, x := range page.Items {
			ids = append(ids, x.ID)
		}
		if after = page.Next; after == "" {
			return ids
		}
	}
}

type task struct {
	MatterID     string `json:"matter_id"`
	AssignmentID string `json:"assignment_id"`
	Kind, Todo   string
}

// queue follows the pages of what waits for somebody.
func (y *year) queue(p *someone) []task {
	y.T.Helper()
	var tasks []task
	for after := ""; ; {
		var page struct {
			Items []task
			Next  string
		}
		y.get(p, "/v1/work?limit=100&after="+url.QueryEscape(after), &page)
		tasks = append(tasks, page.Items...)
		if after = page.Next; after == "" {
			return tasks
		}
	}
}
