// A list of alerts: the rows it is given, which of them are chosen, and the keys by which one moves in it.
export default {
  template: `
    <table class="alerts" aria-label="Alerts">
      <thead>
        <tr>
          <th v-if="choosing"><input type="checkbox" aria-label="Choose all on this page" :checked="all" @change="chooseAll" /></th>
          <th>Severity</th><th>Alert</th><th>State</th><th>Age</th><th>Department</th>
        </tr>
      </thead>
      <tbody>
        <template v-for="(row, i) in rows" :key="row.id">
        <tr v-if="row.heading"><th colspan="6" scope="colgroup" class="heading">{{ row.heading }}</th></tr>
        <tr :class="{ at: i === here, quiet: row.quiet }" :data-alert="row.id">
          <td v-if="choosing"><input type="checkbox" :aria-label="'Choose ' + row.summary" :checked="chosen.includes(row.id)" @change="choose(row.id)" /></td>
          <td><span :class="'chip ' + row.severity">{{ row.severity }}</span></td>
          <td class="what"><a :href="row.href" @focus="here = i">{{ row.summary }}</a><div class="soft">{{ row.about }}</div></td>
          <td class="few"><span :class="'chip ' + row.state">{{ row.state }}</span><div v-if="row.who">{{ row.who }}</div></td>
          <td class="few" :title="row.since">{{ row.age }}</td>
          <td class="few">{{ row.department }}</td>
        </tr>
        </template>
        <tr v-if="!rows.length"><td colspan="6" class="soft">{{ empty }}</td></tr>
      </tbody>
    </table>`,
  props: { rows: Array, choosing: Boolean, empty: String },
  data() {
    return { chosen: [], here: -1 };
  },
  computed: {
    all() {
      return this.rows.length > 0 && this.rows.every((row) => this.chosen.includes(row.id));
    },
  },
  methods: {
    choose(id) {
      this.chosen = this.chosen.includes(id) ? this.chosen.filter((one) => one !== id) : [...this.chosen, id];
      this.$emit("chosen", this.chosen);
    },
    chooseAll(event) {
      this.chosen = event.target.checked ? this.rows.map((row) => row.id) : [];
      this.$emit("chosen", this.chosen);
    },
    clear() {
      this.chosen = [];
      this.$emit("chosen", this.chosen);
    },
    move(by) {
      if (!this.rows.length) return;
      this.here = Math.min(Math.max(this.here + by, 0), this.rows.length - 1);
      const link = this.$el.querySelectorAll("td.what a")[this.here];
      link.focus();
      link.scrollIntoView({ block: "nearest" });
    },
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], .q-dialog")) return;
      const row = this.rows[this.here];
      if (event.key === "j") this.move(1);
      else if (event.key === "k") this.move(-1);
      else if (event.key === "x" && row && this.choosing) this.choose(row.id);
      else if (event.key === "a" && this.choosing) {
        const ids = this.chosen.length ? this.chosen : row ? [row.id] : [];
        if (ids.length) this.$emit("acknowledge", ids);
      }
    },
  },
  mounted() {
    document.addEventListener("keydown", this.key);
  },
  unmounted() {
    document.removeEventListener("keydown", this.key);
  },
};
