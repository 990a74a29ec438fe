package matter

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// ErrBody is the fault of a body that cannot be an author.
var ErrBody = fault.New(fault.Invalid, "matter.body", "没有找到这个集体，请从列表中重新选择：党派、团体、专委会、单位和工作室选单位，界别和小组选名称，下级政协填写全称。")

// ForBody is who hands in for a body (集体): a kind whose table names it lets
// bodies be authors, and has its own rule about who may hand in for which.
const ForBody workflow.Party = "FOR_BODY"

// BodyKind says what sort of body an author stands for.
type BodyKind string

// The kinds of bodies.
const (
	PartyBody       BodyKind = "PARTY"       // 民主党派
	GroupBody       BodyKind = "GROUP"       // 人民团体
	SectorBody      BodyKind = "SECTOR"      // 界别
	PanelBody       BodyKind = "PANEL"       // 小组, 联组
	CommitteeBody   BodyKind = "COMMITTEE"   // 专门委员会
	UnitBody        BodyKind = "UNIT"        // 单位
	StudioBody      BodyKind = "STUDIO"      // 委员工作室
	InstitutionBody BodyKind = "INSTITUTION" // a lower body of the chain
)

// Label is what people call the kind; empty for none.
func (k BodyKind) Label() string {
	return map[BodyKind]string{
		PartyBody: "民主党派", GroupBody: "人民团体", SectorBody: "界别", PanelBody: "小组", CommitteeBody: "专门委员会",
		UnitBody: "单位", StudioBody: "委员工作室", InstitutionBody: "下级政协",
	}[k]
}

// Body is what an author stands for. Parties, groups, committees, units and
// studios are units of the institution; sectors and panels are its divisions, by
// name, a panel also a unit; another institution has a name alone.
type Body struct {
	Kind   BodyKind
	UnitID string
	Name   string // of a unit: may be empty, the unit's is taken
}

// bodyUnits are the kinds of units that are bodies of a kind.
var bodyUnits = map[BodyKind][]institution.UnitKind{
	PartyBody: {institution.Party}, GroupBody: {institution.PeopleGroup}, CommitteeBody: {institution.Committee},
	StudioBody: {institution.Studio}, PanelBody: {institution.LiaisonGroup, institution.StudyGroup}, UnitBody: institution.UnitKinds(),
}

// unitBodies are the kinds of bodies that are units, the one that says most of a
// unit first.
var unitBodies = []BodyKind{PartyBody, GroupBody, CommitteeBody, StudioBody, PanelBody, UnitBody}

// bodyDivisions are the kinds of bodies that are divisions of the members.
var bodyDivisions = map[BodyKind]member.DivisionKind{SectorBody: member.Sector, PanelBody: member.Group}

// found completes a body with its name as it is now, or returns ErrBody: it must
// be one of the institution's and not closed.
func (b Body) found(ctx context.Context, c store.Conn, institutionID string) (Body, error) {
	kind, divided := bodyDivisions[b.Kind]
	switch {
	case b.UnitID != "":
		u, err := institution.FindUnit(ctx, c, institutionID, b.UnitID)
		if fault.As(err) != nil || err == nil && (u.EndedAt != nil || !slices.Contains(bodyUnits[b.Kind], u.Kind)) {
			return b, ErrBody
		}
		b.Name = u.Name
		return b, err
	case divided:
		all, err := member.Divisions(ctx, c, institutionID, kind)
		if err == nil && !slices.ContainsFunc(all, func(d member.Division) bool { return d.Name == b.Name && d.EndedAt == nil }) {
			err = ErrBody
		}
		return b, err
	case b.Kind == InstitutionBody:
		if n := utf8.RuneCountInString(b.Name); n < 2 || n > 50 {
			return b, ErrBody
		}
		return b, nil
	}
	return b, ErrBody
}

// Stands tells whether an actor works for a body that is a unit: its handlers and
// leaders hand in for it.
func (b Body) Stands(a member.Actor) bool {
	return b.UnitID != "" && slices.Contains(a.Units(), b.UnitID)
}

// Person returns who is the author, or handed it in for the body that is; empty
// where the body has nobody in this institution.
func (a Author) Person() string {
	if a.PersonID == nil {
		return ""
	}
	return *a.PersonID
}

// Is reports whether somebody is the author, or handed it in for the body.
func (a Author) Is(personID string) bool { return personID != "" && a.Person() == personID }

// Called is what a list calls the author: a body by its name, without who handed
// it in.
func (a Author) Called() string {
	if a.BodyName != "" {
		return a.BodyName
	}
	return a.Name
}

// FullName names a body with the person behind it: "民盟言城县支部 李春山".
func (a Author) FullName() string { return strings.TrimSpace(a.BodyName + " " + a.Name) }

// called is Called as a query for a column of authors.
const called = "CASE WHEN authors.body_name <> '' THEN authors.body_name ELSE authors.name END"

// standing is what an author is on one matter: the same person may be there for
// oneself and for a body.
type standing struct {
	person string
	kind   BodyKind
	name   string
}

func (a Author) standing() standing { return standing{a.Person(), a.BodyKind, a.BodyName} }

// people lists persons once each, without those that a body does not have.
func people(ids []string) []string {
	var all []string
	for _, id := range ids {
		if id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// orNil is the identifier of a person for a column, nil where there is none.
func orNil(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}
