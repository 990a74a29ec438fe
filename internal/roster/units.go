package roster

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// maxUnitName is how many characters the name of a unit may have.
const maxUnitName = 50

// unitRows plans a table of units. A unit is known by its name.
func (b *book) unitRows(p *plan, t sheet.Table) {
	line := map[string]int{}
	for _, d := range drafts(t) {
		d.name = d.row.Get(colUnitName)
		if utf8.RuneCountInString(d.name) > maxUnitName {
			d.wrong(colUnitName, fmt.Sprintf("最多%d个字", maxUnitName))
		}
		if first := line[d.name]; first > 0 && d.name != "" {
			d.wrong(colUnitName, fmt.Sprintf("与第%d行是同一个单位", first))
		} else {
			line[d.name] = d.row.Line
		}
		if len(d.problems) == 0 {
			b.unitRow(p, d)
		}
		p.finish(d)
	}
	for _, u := range b.units {
		if u.EndedAt == nil && line[u.Name] == 0 {
			p.report.Absent++
		}
	}
}

func (b *book) unitRow(p *plan, d *draft) {
	word := d.row.Get(colKind)
	kind, alias, _ := institution.UnitKindOf(word) // the columns take no other word
	i := slices.IndexFunc(b.units, func(u institution.Unit) bool { return u.Name == d.name })
	switch {
	case i < 0:
		d.isNew = true
		d.set(colKind, "", word)
		p.units = append(p.units, institution.Unit{
			ID: store.NewID(), InstitutionID: b.actor.InstitutionID, Name: d.name, Kind: kind, Alias: alias, Version: 1, CreatedAt: b.now,
		})
	case b.units[i].EndedAt != nil:
		d.wrong(colUnitName, "这个单位已停用，请先恢复使用，或从表格中删去")
	case b.units[i].Word() != institution.Unit{Kind: kind, Alias: alias}.Word():
		u := b.units[i]
		d.set(colKind, u.Word(), word)
		u.Kind, u.Alias, u.Version = kind, alias, u.Version+1
		p.otherUnits = append(p.otherUnits, u)
	}
}

// staffRows plans a table of those who hold a role other than a member's: one
// role a row.
func (b *book) staffRows(p *plan, t sheet.Table) error {
	line := map[string]int{}
	return b.personRows(p, t, Staff, func(d *draft) { b.duty(p, d, line) })
}

// duty plans the appointment that a row asks for.
func (b *book) duty(p *plan, d *draft, line map[string]int) {
	role, name := roleOf(d.row.Get(colRole)), d.row.Get(colUnit)
	i := slices.IndexFunc(b.units, func(u institution.Unit) bool { return u.Name == name })
	switch {
	case !member.OfUnit(role) && name != "":
		d.wrong(colUnit, "“"+d.row.Get(colRole)+"”不属于某个单位，请不要填写单位")
		return
	case member.OfUnit(role) && name == "":
		d.wrong(colUnit, "“"+d.row.Get(colRole)+"”要填写是哪个单位的")
		return
	case name != "" && i < 0:
		d.wrong(colUnit, "名册中没有这个单位，请先导入或添加单位，或核对名称")
		return
	case name != "" && !member.Fits(role, b.units[i].Kind):
		d.wrong(colUnit, "“"+d.row.Get(colRole)+"”请填写一个专委会")
		return
	}
	x := member.Appointment{Role: role}
	if name != "" {
		x.UnitID = &b.units[i].ID
	}
	key := d.person.ID + string(role) + name
	if first := line[key]; first > 0 {
		d.wrong(colRole, fmt.Sprintf("与第%d行重复", first))
		return
	}
	line[key] = d.row.Line
	for _, held := range b.live(d.person.ID, Staff) {
		if held.Role != role || held.UnitID != nil && *held.UnitID != *x.UnitID {
			continue
		}
		if role == member.PlatformAdmin && !d.begins.IsZero() && d.begins != held.Begins {
			d.wrong(colBegins, "平台管理员的任职日期，请单独修改")
			return
		}
		b.move(p, d, held, member.Term{}, false)
		return
	}
	switch {
	case !member.MayGive(b.actor, role):
		d.wrong(colRole, "平台管理员只能由平台管理员任命")
		return
	case name != "" && b.units[i].EndedAt != nil:
		d.wrong(colUnit, "这个单位已停用")
		return
	}
	x.Begins = d.begins
	if x.Begins.IsZero() {
		x.Begins = b.today
	}
	b.appoint(p, d, x)
	if len(d.problems) == 0 {
		d.set(colRole, "", d.row.Get(colRole))
		d.secret = append(d.secret, name, x.Begins.String())
	}
}
