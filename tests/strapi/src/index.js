'use strict'

const { addUser } = require('./middlewares/test-controls')

module.exports = {
  async bootstrap({ strapi }) {
    const demo = { email: 'demo@example.com', password: 'Demo-Passw0rd!' }
    if (!(await strapi.db.query('plugin::users-permissions.user').findOne({ where: { email: demo.email } }))) await addUser(strapi, demo)
  },
}
